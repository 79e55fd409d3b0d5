package test

import "testing"

// The server starts without the file of a check, logs a warning, and reads the file once
// it exists. A file with the line ends of Windows is read too.
func TestFileThatComesLater(t *testing.T) {
	t.Parallel()
	s := start(t, `
		example.org:$dns {
			bind $ip
			failover app.example.org {
				primary 127.9.9.1
				secondary 127.9.9.2 {
					check none
				}
				check file $dir/none {
					`+fast+`
				}
			}
		}`, vars{})
	answers := func(want string) {
		t.Helper()
		becomes(t, "the answer", aRecords(want), func() string { return s.ask("app.example.org", "A") })
	}
	s.waitFor("[WARNING] plugin/failover: check file " + s.vars["dir"] + "/none of 127.9.9.1 cannot be asked")
	answers("127.9.9.1")
	const bom = "\xef\xbb\xbf"
	s.write("none", bom+"127.9.9.1 down for repair\r\n")
	answers("127.9.9.2")
	s.write("none", bom+"up\r\n")
	answers("127.9.9.1")
}
