package dial

import "testing"

func TestAbsolute(t *testing.T) {
	for address, want := range map[string]string{
		"app.example.org:80":      "app.example.org.:80",
		"app.example.org.:80":     "app.example.org.:80",
		"app:80":                  "app.:80",
		"localhost:80":            "localhost:80", // in /etc/hosts
		"localhost.:80":           "localhost:80",
		"192.0.2.1:80":            "192.0.2.1:80",
		"[2001:db8::1]:80":        "[2001:db8::1]:80",
		"[fe80::1%eth0.1]:80":     "[fe80::1%eth0.1]:80",
		"192.0.2.1.nip.example:1": "192.0.2.1.nip.example.:1",
		":80":                     ":80",
	} {
		if got := absolute(t.Context(), address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
