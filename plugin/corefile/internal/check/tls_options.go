package check

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
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

var tlsProperties = syntax.Properties[*probe.TLSOptions]{
	"tls_ca":          {Usage: "tls_ca FILE", Min: 1, Max: 1, Text: true, Read: readCA},
	"tls_cert":        {Usage: "tls_cert FILE KEY", Min: 2, Max: 2, Text: true, Read: readCert},
	"tls_server_name": {Usage: "tls_server_name NAME", Min: 1, Max: 1, Read: readServerName},
	"tls_pin":         {Usage: "tls_pin SHA256...", Min: 1, Max: syntax.Many, Read: readPins},
	"tls_versions":    {Usage: versionsUsage, Min: 1, Max: 2, Read: readVersions},
	"tls_insecure":    {Usage: "tls_insecure", Read: readInsecure},
}

func readCA(o *probe.TLSOptions, l syntax.Line) error {
	path, err := ReadablePath(l, l.Words[1])
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return l.Errf("tls_ca: expected a file that can be read: %s: %v", syntax.Show(path), withoutPath(err))
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return l.Expected(path, "a file of PEM certificates, and it has none")
	}
	o.CA = path
	return nil
}

func readCert(o *probe.TLSOptions, l syntax.Line) error {
	cert, err := ReadablePath(l, l.Words[1])
	if err != nil {
		return err
	}
	key, err := ReadablePath(l, l.Words[2])
	if err != nil {
		return err
	}
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		return l.Errf("tls_cert %s %s: expected a certificate and its key: %v", syntax.Show(cert), syntax.Show(key), err)
	}
	o.Cert, o.Key = cert, key
	return nil
}

func readServerName(o *probe.TLSOptions, l syntax.Line) (err error) {
	o.ServerName, err = l.Host()
	return err
}

func readPins(o *probe.TLSOptions, l syntax.Line) error {
	var pins []string
	for _, s := range l.Words[1:] {
		digest, ok := readPin(s)
		if !ok {
			return l.Expected(s, "a SHA-256 digest of 64 hex digits or in base64")
		}
		pins = append(pins, hex.EncodeToString(digest))
	}
	slices.Sort(pins)
	o.Pins = strings.Join(slices.Compact(pins), ",")
	return nil
}

// readPin parses a digest in hex, as openssl prints it, or in base64, as curl takes it.
// The slash at the end of curl's prefix may also be the first character of the base64.
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

// readHex parses 64 digits, or 32 pairs of digits with colons between them.
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

func readInsecure(o *probe.TLSOptions, _ syntax.Line) error {
	o.Insecure = true
	return nil
}

// serverName returns the HOST of t if it is a name, else the name of the record. It is ""
// for a wildcard.
func serverName(t probe.Target, s Subject) string { return cmp.Or(nameOf(t.Host), s.hostName()) }

// completeTLS sets the ServerName of o to name unless o has one, and returns an error if
// there is none to verify. It is for the check types without the property host.
func completeTLS(o *probe.TLSOptions, at syntax.Line, name string, s Subject) error {
	o.ServerName = cmp.Or(o.ServerName, name)
	if o.ServerName == "" && !o.Insecure {
		return at.Errf("check %s: missing tls_server_name, which must be set under the record %s", at.Words[1], s.Record)
	}
	return nil
}

// refuseTLS refuses TLS properties in the check at the line at, which does not use TLS.
// property is the one that turns TLS on.
func refuseTLS(at syntax.Line, property string) error {
	for _, l := range at.Body {
		if _, ok := tlsProperties[l.Words[0]]; ok {
			return l.Errf("%s: expected %s beside it", l.Words[0], property)
		}
	}
	return nil
}

const versionsUsage = "tls_versions MIN [MAX]"

// versions has the numbers of the versions of TLS.
var versions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// readVersions reads MIN [MAX]. It keeps 0 for a version that is the default, so that
// equal checks are equal by ==.
func readVersions(o *probe.TLSOptions, l syntax.Line) error {
	low, high := l.Words[1], append(l.Words, "1.3")[2]
	for _, s := range []string{low, high} {
		if versions[s] == 0 {
			return l.Expected(s, "a version of TLS, one of %s", syntax.Known(versions))
		}
	}
	if low > high {
		return l.Expected(high, "MAX to be %s or above, which is MIN", low)
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
