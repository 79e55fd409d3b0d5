package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadAddress(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:8053":         "http://127.0.0.1:8053",
		"[::1]:8053":             "http://[::1]:8053",
		"dns.example.org:8053":   "http://dns.example.org:8053",
		"https://dns.test:8053":  "https://dns.test:8053",
		"https://dns.test:8053/": "https://dns.test:8053",
		"http://127.0.0.1:1":     "http://127.0.0.1:1",
		"unix:/run/failover":     "http://localhost",
	} {
		if a, err := readAddress(in); err != nil || a.url() != want {
			t.Errorf("%s: got %s, %v", in, a.url(), err)
		}
	}
	for _, in := range []string{"", "127.0.0.1", "::1", ":8053", "host:", "ftp://a:1", "https://a:1/x", "https://u:p@a:1", "https://a:1?q=1", "unix:", "a:1/x", "https://%zz"} {
		if a, err := readAddress(in); err == nil {
			t.Errorf("%s: got %+v", in, a)
		}
	}
}

// failoverctl takes the flag, else the environment, else the usual address.
func TestWhichAPI(t *testing.T) {
	newAPI(t, map[string]string{"GET /v1/overrides": none})
	wantRun(t, "overrides", 0, "There are no overrides.\n", "")
	for _, c := range []struct{ args, environment, want string }{
		{"overrides --api 127.0.0.1:1", "127.0.0.1:2", "at 127.0.0.1:1: "},
		{"overrides", "127.0.0.1:2", "at 127.0.0.1:2: "},
		{"overrides --api unix:/nowhere/s", "", `at unix:/nowhere/s: dial unix /nowhere/s: connect: no such file or directory: is the server running, with "api unix:/nowhere/s" in its Corefile?`},
	} {
		t.Setenv(apiVariable, c.environment)
		status, _, errOut := ctl(t.Context(), strings.Fields(c.args)...)
		if status != 2 || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: %d %s, want %s", c.args, status, errOut, c.want)
		}
	}
	t.Setenv(apiVariable, "")
	a := &app{options: options{output: "table"}}
	if err := a.checkOptions(nil, nil); err != nil || a.api != "127.0.0.1:8053" {
		t.Errorf("got %s, %v", a.api, err)
	}
}

// ask starts a server, and lists overrides there. The certificate of the server and its
// key are ca.pem and key.pem in dir.
func ask(t *testing.T, h http.Handler, dir string) (plain, secure *httptest.Server) {
	t.Helper()
	plain, secure = httptest.NewServer(h), httptest.NewUnstartedServer(h)
	secure.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	cert := secure.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	return plain, secure
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What opens the door, and what to do if it stays shut.
func TestAccess(t *testing.T) {
	t.Setenv(apiVariable, "")
	dir := t.TempDir()
	t.Chdir(dir)
	plain, secure := ask(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "Bearer good":
		case "Bearer reads":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"detail":"the credentials do not allow this"}`)
			return
		default:
			if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
		}
		fmt.Fprint(w, none)
	}), dir)
	write(t, "good", " good\n")
	write(t, "reads", "reads")
	write(t, "bad", "s3cret")
	write(t, "empty", "\n")
	write(t, "lines", "a\nb")
	http, https, both := plain.Listener.Addr().String(), secure.URL, secure.Listener.Addr().String()
	const ok = "There are no overrides."
	for args, want := range map[string]string{
		http:                                              "the API at " + http + " wants a token or a client certificate: use --token-file, FAILOVER_TOKEN_FILE, or --cert and --key",
		http + " --token-file good":                       ok,
		http + " --token-file bad":                        "the API at " + http + " does not know the token in bad",
		http + " --token-file reads":                      "the API at " + http + " does not allow it: the credentials do not allow this (the token is that of reads)",
		http + " --token-file none":                       "the token: open none: no such file or directory",
		http + " --token-file empty":                      "the token: empty is empty",
		http + " --token-file lines":                      "the token: expected one line in lines",
		"dns.test:1 --token-file good":                    "the token of good is not sent to dns.test:1 in the clear: use https://dns.test:1 or --ca",
		https + " --ca ca.pem --token-file good":          ok,
		both + " --ca ca.pem --token-file good":           ok,
		both + " --ca ca.pem --cert ca.pem --key key.pem": ok,
		https:                                 "certificate signed by unknown authority: --ca has the authorities that are trusted",
		both + " --cert ca.pem --key key.pem": "certificate signed by unknown authority",
		https + " --ca none":                  "--ca: open none: no such file",
		https + " --ca good":                  "--ca: good has no certificate in PEM",
		https + " --ca ca.pem --cert ca.pem --key good": "--cert and --key: tls: ",
		both:              "the API at " + both + " speaks TLS: use https://" + both + ", or --ca for authorities of your own",
		"https://" + http: "it does not speak TLS, so use --api " + http + " without --ca and --cert",
	} {
		status, out, errOut := ctl(t.Context(), strings.Fields("overrides --api "+args)...)
		if (status == 0) != (want == ok) || !strings.Contains(out+errOut, want) || strings.Contains(out+errOut, "s3cret") {
			t.Errorf("%s: %d %s%s, want %s", args, status, out, errOut, want)
		}
	}
	t.Setenv(fileVariable, "good")
	if status, _, errOut := ctl(t.Context(), "overrides", "--api", http); status != 0 {
		t.Error(errOut)
	}
}

func TestSocket(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := net.Listen("unix", "s")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, none) })}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	wantRun(t, "overrides --api unix:s", 0, "There are no overrides.\n", "")
}

// A token does not follow a redirect, and something else than the API is named as such.
func TestNotTheAPI(t *testing.T) {
	newAPI(t, map[string]string{"GET /v1/records": "<html>", "GET /v1/records/x": "500 <html>\x1b", "GET /v1/events": "307 ", "GET /v1/overrides": "404 page not found"})
	for args, want := range map[string]string{
		"status":    "the answer is not that of the API: invalid character",
		"status x":  `<html>\x1b`,
		"events":    "Temporary Redirect",
		"overrides": "page not found",
	} {
		status, out, errOut := ctl(t.Context(), strings.Fields(args)...)
		if status != 2 || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: %d %s %s, want %s", args, status, out, errOut, want)
		}
	}
}
