package corefile

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"os"
	"slices"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/probe"
)

var tlsProperties = properties[*check]{
	"tls_ca":          {usage: "tls_ca FILE", min: 1, max: 1, text: true, read: (*check).readCA},
	"tls_cert":        {usage: "tls_cert FILE KEY", min: 2, max: 2, text: true, read: (*check).readCert},
	"tls_server_name": {usage: "tls_server_name NAME", min: 1, max: 1, read: (*check).readServerName},
	"tls_pin":         {usage: "tls_pin SHA256...", min: 1, max: many, read: (*check).readPins},
	"tls_versions":    {usage: versionsUsage, min: 1, max: 2, read: (*check).readVersions},
	"tls_insecure":    {usage: "tls_insecure", read: (*check).readInsecure},
}

func (c *check) readCA(l line) error {
	path, err := c.readable(l, l.words[1])
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return l.errf("tls_ca: expected a file that can be read: %s: %v", show(path), cause(err))
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return l.expected(path, "a file of PEM certificates, and it has none")
	}
	c.http.TLSOptions.CA = path
	return nil
}

func (c *check) readCert(l line) error {
	cert, err := c.readable(l, l.words[1])
	if err != nil {
		return err
	}
	key, err := c.readable(l, l.words[2])
	if err != nil {
		return err
	}
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		return l.errf("tls_cert %s %s: expected a certificate and its key: %v", show(cert), show(key), err)
	}
	c.http.TLSOptions.Cert, c.http.TLSOptions.Key = cert, key
	return nil
}

func (c *check) readServerName(l line) (err error) {
	c.http.TLSOptions.ServerName, err = l.host()
	return err
}

func (c *check) readPins(l line) error {
	var pins []string
	for _, s := range l.words[1:] {
		digest, ok := readPin(s)
		if !ok {
			return l.expected(s, "a SHA-256 digest of 64 hex digits or in base64")
		}
		pins = append(pins, hex.EncodeToString(digest))
	}
	slices.Sort(pins)
	c.http.TLSOptions.Pins = strings.Join(slices.Compact(pins), ",")
	return nil
}

// readPin reads a digest in hex, as openssl prints it, or in base64, as curl
// takes it. A digest in base64 may begin with the slash that also ends curl's
// prefix.
func readPin(s string) ([]byte, bool) {
	s = strings.TrimPrefix(s, "sha256/")
	for _, s := range []string{s, strings.TrimPrefix(s, "/")} {
		digest, err := base64.StdEncoding.DecodeString(s)
		if err == nil && len(digest) == sha256.Size {
			return digest, true
		}
		if digest, ok := readHex(s); ok {
			return digest, true
		}
	}
	return nil, false
}

// readHex reads 64 digits, or 32 pairs with colons between them.
func readHex(s string) ([]byte, bool) {
	if pairs := strings.Split(s, ":"); len(pairs) == sha256.Size {
		if slices.ContainsFunc(pairs, func(pair string) bool { return len(pair) != 2 }) {
			return nil, false
		}
		s = strings.Join(pairs, "")
	}
	digest, err := hex.DecodeString(s)
	return digest, err == nil && len(digest) == sha256.Size
}

func (c *check) readInsecure(line) error {
	c.http.TLSOptions.Insecure = true
	return nil
}

// serverName returns HOST if that is a name, else the record's, or "" if that is none.
func (c *check) serverName(s subject) string { return cmp.Or(nameOf(c.target.Host), hostOf(s.record)) }

// tlsOptions returns the TLS properties of a check that has no host property,
// with the name that is asked for if they do not say it. Without TLS, which the
// property called way turns on, there may be none.
func (c *check) tlsOptions(tls bool, way, name string, s subject) (probe.TLSOptions, error) {
	o := c.http.TLSOptions
	if !tls {
		for _, l := range c.at.body {
			if _, ok := tlsProperties[l.words[0]]; ok {
				return o, l.errf("%s: expected %s beside it", l.words[0], way)
			}
		}
		return o, nil
	}
	o.ServerName = cmp.Or(o.ServerName, name)
	if o.ServerName == "" && !o.Insecure {
		return o, c.at.errf("check %s: missing tls_server_name, which must be set under the record %s", c.typ, s.record.name)
	}
	return o, nil
}
