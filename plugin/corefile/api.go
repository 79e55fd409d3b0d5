package corefile

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/coredns-failover/failover/plugin/corefile/internal/check"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// An API is the property api.
type API struct {
	Addr            string // HOST:PORT or unix:PATH
	Tokens          []Token
	Cert, Key       string // files, or "" without TLS
	ClientAuthority string // the file of the authorities of client certificates, or ""
}

// A Token lets those in who know it.
type Token struct {
	Secret    string // or file:PATH
	Role      string // write, read or heartbeat
	Heartbeat string // of the role heartbeat
}

// apiBlock is an API as it is written.
type apiBlock struct {
	at syntax.Line
	API
}

var apiProperties = syntax.Properties[*apiBlock]{
	"token": {
		Usage: "token TOKEN [read|write|heartbeat NAME]", Min: 1, Max: 3, Repeatable: true, Secret: true,
		Read: (*apiBlock).readToken,
	},
	"tls": {Usage: "tls CERT KEY [CLIENT_CA]", Min: 2, Max: 3, Text: true, Read: (*apiBlock).readTLS},
}

func (b *block) readAPI(l syntax.Line) error {
	a := &apiBlock{at: l}
	var err error
	if a.Addr, err = readAPIAddr(l); err != nil {
		return err
	}
	if err := apiProperties.Read("api", l.Body, a); err != nil {
		return err
	}
	b.api = a
	return a.refuseOpen()
}

func readAPIAddr(l syntax.Line) (string, error) {
	addr := l.Words[1]
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		if path == "" {
			return "", l.Expected(addr, "HOST:PORT or unix:PATH")
		}
		return "unix:" + l.ResolvePath(path), nil
	}
	host, port, err := net.SplitHostPort(addr)
	n, convErr := strconv.ParseUint(port, 10, 16)
	if err != nil || host == "" || convErr != nil || n == 0 {
		return "", l.Expected(addr, "HOST:PORT or unix:PATH")
	}
	return addr, nil
}

// refuseOpen refuses an address that others can reach without credentials.
func (a *apiBlock) refuseOpen() error {
	if strings.HasPrefix(a.Addr, "unix:") {
		return nil
	}
	host, _, _ := net.SplitHostPort(a.Addr)
	addr, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && addr.Unmap().IsLoopback() || a.Cert != "" && (len(a.Tokens) > 0 || a.ClientAuthority != "") {
		return nil
	}
	return a.at.Expected(a.Addr, "tls, and a token or CLIENT_CA, for an address that is not loopback")
}

// readToken shows no word: it may be a token.
func (a *apiBlock) readToken(l syntax.Line) error {
	secret, err := check.ReadSecret(l, "TOKEN", l.Words[1])
	if err != nil {
		return err
	}
	t := Token{Secret: secret, Role: "write"}
	if len(l.Words) > 2 {
		t.Role = l.Words[2]
	}
	switch args := len(l.Words); {
	case t.Role == "heartbeat" && args == 4:
		if t.Heartbeat, err = l.HeartbeatName(l.Words[3]); err != nil {
			return err
		}
	case (t.Role == "read" || t.Role == "write") && args <= 3:
	default:
		return l.Errf("token: expected token TOKEN [read|write|heartbeat NAME]")
	}
	for _, other := range a.Tokens {
		if other.Secret == t.Secret {
			return l.Errf("token: expected each TOKEN once")
		}
	}
	a.Tokens = append(a.Tokens, t)
	return nil
}

func (a *apiBlock) readTLS(l syntax.Line) (err error) {
	paths := make([]string, 3)
	for i, s := range l.Words[1:] {
		if paths[i], err = check.ReadablePath(l, s); err != nil {
			return err
		}
	}
	a.Cert, a.Key, a.ClientAuthority = paths[0], paths[1], paths[2]
	if _, err := tls.LoadX509KeyPair(a.Cert, a.Key); err != nil {
		return l.Errf("tls: expected a certificate and its key: %v", err)
	}
	if a.ClientAuthority == "" {
		return nil
	}
	pem, err := os.ReadFile(a.ClientAuthority)
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return l.Expected(a.ClientAuthority, "a file of PEM certificates")
	}
	return nil
}
