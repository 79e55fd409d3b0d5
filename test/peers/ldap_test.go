package peers

import (
	"strings"
	"testing"
	"time"
)

func TestOpenLDAP(t *testing.T) {
	slapd, d, port := find(t, "slapd"), dir(t), freePort(t)
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	pair := issue(t, "example.org", -time.Hour, 30*day, ca)
	config := write(t, d+"/slapd.conf", "pidfile "+d+"/pid\nTLSCertificateFile "+pair.cert+"\nTLSCertificateKeyFile "+pair.key+
		"\nTLSCACertificateFile "+ca.cert+"\n")
	start(t, slapd, "-h", "ldap://127.0.0.1:"+port, "-f", config, "-d", "0")
	text := readme(t, "check tcp :389", port)
	with := func(properties string) check {
		return parse(t, "127.0.0.1", strings.TrimSuffix(text, "}")+properties+"\n}")
	}
	bind := "\nsend \"0\\x0c\\x02\\x01\\x02`\\x07\\x02\\x01\\x03\\x04\\x00\\x80\\x00\"\nexpect \"\\A0\\x0c\\x02\\x01\\x02a\\x07\\n\\x01\\x00\""
	with("tls_ca "+ca.cert+bind).becomes(t, "")
	with("").gives(t, "TLS handshake: x509: certificate signed by unknown authority")
}
