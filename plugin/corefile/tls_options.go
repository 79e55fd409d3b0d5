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

	"github.com/coredns-failover/failover/healthcheck"
)

var tlsProperties = properties[*healthcheck.TLSOptions]{
	"tls_ca":          {usage: "tls_ca FILE", min: 1, max: 1, text: true, read: readCA},
	"tls_cert":        {usage: "tls_cert FILE KEY", min: 2, max: 2, text: true, read: readCert},
	"tls_server_name": {usage: "tls_server_name NAME", min: 1, max: 1, read: readServerName},
	"tls_pin":         {usage: "tls_pin SHA256...", min: 1, max: many, read: readPins},
	"tls_versions":    {usage: versionsUsage, min: 1, max: 2, read: readVersions},
	"tls_insecure":    {usage: "tls_insecure", read: readInsecure},
}

func readCA(o *healthcheck.TLSOptions, l line) error {
	path, err := readable(l, l.words[1])
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
	o.CA = path
	return nil
}

func readCert(o *healthcheck.TLSOptions, l line) error {
	cert, err := readable(l, l.words[1])
	if err != nil {
		return err
	}
	key, err := readable(l, l.words[2])
	if err != nil {
		return err
	}
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		return l.errf("tls_cert %s %s: expected a certificate and its key: %v", show(cert), show(key), err)
	}
	o.Cert, o.Key = cert, key
	return nil
}

func readServerName(o *healthcheck.TLSOptions, l line) (err error) {
	o.ServerName, err = l.host()
	return err
}

func readPins(o *healthcheck.TLSOptions, l line) error {
	var pins []string
	for _, s := range l.words[1:] {
		digest, ok := readPin(s)
		if !ok {
			return l.expected(s, "a SHA-256 digest of 64 hex digits or in base64")
		}
		pins = append(pins, hex.EncodeToString(digest))
	}
	slices.Sort(pins)
	o.Pins = strings.Join(slices.Compact(pins), ",")
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

func readInsecure(o *healthcheck.TLSOptions, _ line) error {
	o.Insecure = true
	return nil
}

// serverName returns the HOST of t if that is a name, else the record's, or "" if that is none.
func serverName(t healthcheck.Target, s subject) string { return cmp.Or(nameOf(t.Host), s.hostOf()) }

// completeTLS completes the TLS properties of the check at the line at, which has no
// host property: name is asked for if they do not say it.
func completeTLS(o *healthcheck.TLSOptions, at line, name string, s subject) error {
	o.ServerName = cmp.Or(o.ServerName, name)
	if o.ServerName == "" && !o.Insecure {
		return at.errf("check %s: missing tls_server_name, which must be set under the record %s", at.words[1], s.record)
	}
	return nil
}

// withoutTLS refuses TLS properties of the check at the line at, in which the property
// called way does not turn TLS on.
func withoutTLS(at line, way string) error {
	for _, l := range at.body {
		if _, ok := tlsProperties[l.words[0]]; ok {
			return l.errf("%s: expected %s beside it", l.words[0], way)
		}
	}
	return nil
}

const versionsUsage = "tls_versions MIN [MAX]"

// versions are those of TLS by their name.
var versions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// readVersions leaves out what is the default: equal checks are one.
func readVersions(o *healthcheck.TLSOptions, l line) error {
	low, high := l.words[1], append(l.words, "1.3")[2]
	for _, s := range []string{low, high} {
		if versions[s] == 0 {
			return l.expected(s, "a version of TLS, one of %s", known(versions))
		}
	}
	if low > high {
		return l.expected(high, "MAX to be %s or above, which is MIN", low)
	}
	o.MinVersion, o.MaxVersion = versions[low], versions[high]
	if low == "1.2" {
		o.MinVersion = 0
	}
	if high == "1.3" {
		o.MaxVersion = 0
	}
	return nil
}
