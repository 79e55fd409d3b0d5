package test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// pages returns a web site with a page for each thing that a check can verify in a response,
// or in its request.
func pages(ip string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.PathValue("code"))
		w.WriteHeader(code)
	})
	mux.HandleFunc("/body/{words}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "all is %s\nreally", r.PathValue("words"))
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first ", strings.Repeat("x", 64<<10), " last")
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/half", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/hop/{n}", func(w http.ResponseWriter, r *http.Request) {
		if n, _ := strconv.Atoi(r.PathValue("n")); n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/hop/%d", n-1), http.StatusFound)
		}
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	// Many sites redirect to their one name with an absolute URL.
	mux.HandleFunc("/absolute/{where...}", func(w http.ResponseWriter, r *http.Request) {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		http.Redirect(w, r, scheme+r.Host+"/"+r.PathValue("where"), http.StatusTemporaryRedirect)
	})
	requestPages(mux, ip)
	return mux
}

// requestPages adds the pages that answer 200 if the request is what their path says.
func requestPages(mux *http.ServeMux, ip string) {
	mux.HandleFunc("/method/{name}", must(func(r *http.Request) bool { return r.Method == r.PathValue("name") }))
	mux.HandleFunc("/host/{name}", must(func(r *http.Request) bool {
		host, _, _ := strings.Cut(r.Host, ":")
		return host == r.PathValue("name")
	}))
	mux.HandleFunc("/authority/{name}", must(func(r *http.Request) bool { return r.Host == r.PathValue("name") }))
	mux.HandleFunc("/payload/{text}", must(func(r *http.Request) bool {
		text, err := io.ReadAll(r.Body)
		return err == nil && string(text) == r.PathValue("text") && r.ContentLength == int64(len(text))
	}))
	mux.HandleFunc("/header/{name}/{value}", must(func(r *http.Request) bool {
		return strings.Join(r.Header.Values(r.PathValue("name")), "+") == r.PathValue("value")
	}))
	mux.HandleFunc("/login", must(func(r *http.Request) bool {
		user, password, ok := r.BasicAuth()
		return ok && user == "prober" && password == "s3cret word"
	}))
	mux.HandleFunc("/query", must(func(r *http.Request) bool { return r.URL.RawQuery == "deep=1&x=%20" }))
	mux.HandleFunc("/at/{address}", must(func(r *http.Request) bool { return r.PathValue("address") == ip }))
}

// must returns a handler that answers 500 unless is returns true.
func must(is func(*http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !is(r) {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}
