package peers

import (
	"testing"
	"time"
)

// TLS begins after a reply of one byte. A user logs in over TLS.
func TestPostgreSQLInTLS(t *testing.T) {
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	pair := issue(t, "example.org", -time.Hour, 30*day, ca)
	_, port := startPostgreSQL(t, "-c", "ssl=on", "-c", "ssl_cert_file="+pair.cert, "-c", "ssl_key_file="+pair.key)
	parse(t, "127.0.0.1", "check tcp :"+port+` {
		send   "\x00\x00\x00\x08\x04\xd2\x16\x2f"
		expect "\AS"
		starttls
		tls_ca `+ca.cert+`
		send   "\x00\x00\x00\x29\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00"
		expect "\AR\x00\x00\x00\x08\x00\x00\x00\x00"
	}`).becomes(t, "")
}
