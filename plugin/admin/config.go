package admin

import "strings"

// A Config is the property api of the Corefile.
type Config struct {
	Addr     string // HOST:PORT or unix:PATH
	Tokens   []Token
	Cert     string // the file of the certificate, or "" without TLS
	Key      string
	ClientCA string // the file with the authorities of client certificates, or ""
}

// A Token lets those in who know it.
type Token struct {
	Secret    string // the token itself, or file:PATH
	Role      Role
	Heartbeat string // the only one that may be beaten, for RoleHeartbeat
}

// A Role says what somebody may do.
type Role string

// The roles.
const (
	RoleWrite     Role = "write" // everything
	RoleRead      Role = "read"  // GET
	RoleHeartbeat Role = "heartbeat"
)

// isOpen reports whether the API asks for no credentials.
func (c *Config) isOpen() bool { return len(c.Tokens) == 0 && c.ClientCA == "" }

// socket returns the path of the socket to listen on, if it is one.
func (c *Config) socket() (path string, ok bool) { return strings.CutPrefix(c.Addr, "unix:") }
