package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// An address is where the API is.
type address struct {
	text   string // as the user gave it
	socket string // the path of a socket, or ""
	host   string // HOST:PORT, for the URL alone if there is a socket
	tls    bool
}

// readAddress reads HOST:PORT, unix:PATH, or a URL of either scheme.
func readAddress(s string) (address, error) {
	a := address{text: s}
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		a.socket, a.host = path, "localhost"
		if path == "" {
			return a, a.wrong()
		}
		return a, nil
	}
	if strings.Contains(s, "://") {
		return a, a.readURL()
	}
	a.host = s
	return a, a.checkHost()
}

func (a *address) readURL() error {
	u, err := url.Parse(a.text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.User != nil || u.RawQuery != "" {
		return a.wrong()
	}
	a.host, a.tls = u.Host, u.Scheme == "https"
	return a.checkHost()
}

func (a *address) checkHost() error {
	host, port, err := net.SplitHostPort(a.host)
	if err != nil || host == "" || port == "" || strings.Contains(a.host, "/") {
		return a.wrong()
	}
	return nil
}

func (a *address) wrong() error {
	return fmt.Errorf("--api %s: expected HOST:PORT, unix:PATH or https://HOST:PORT", a.text)
}

func (a *address) url() string {
	if a.tls {
		return "https://" + a.host
	}
	return "http://" + a.host
}

// private reports whether nobody between can read what is said.
func (a *address) private() bool {
	host, _, _ := net.SplitHostPort(a.host)
	ip, err := netip.ParseAddr(host)
	return a.tls || a.socket != "" || host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// tlsConfig returns how TLS is spoken.
func (o *options) tlsConfig() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.ca != "" {
		pem, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca: %s has no certificate in PEM", o.ca)
		}
	}
	if o.cert != "" {
		cert, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, fmt.Errorf("--cert and --key: %w", err)
		}
		c.Certificates = []tls.Certificate{cert}
	}
	return c, nil
}

// readToken returns what is in a file, without white space around it; "" without a file.
func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path) // #nosec G703 -- the user names the file
	if err != nil {
		return "", fmt.Errorf("the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("the token: %s is empty", path)
	}
	if strings.ContainsAny(token, "\r\n\x00") {
		return "", errors.New("the token: expected one line in " + path)
	}
	return token, nil
}
