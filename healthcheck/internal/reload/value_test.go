package reload

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/test/kit"
)

func TestValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	next := path + ".next"
	tests := []struct {
		name   string
		change func()
		want   string
		loads  int
	}{
		{"first", func() { kit.Write(t, path, "a"); kit.Age(t, path) }, "a", 1},
		{"nothing changes", func() {}, "a", 0},
		{"written", func() { kit.Write(t, path, "b") }, "b", 1},
		{"written twice within one tick of the clock", func() {
			info, _ := os.Stat(path)
			kit.Write(t, path, "c")
			os.Chtimes(path, info.ModTime(), info.ModTime())
		}, "c", 1},
		{"old enough", func() { kit.Age(t, path) }, "c", 1},
		{"old enough, nothing changes", func() {}, "c", 0},
		{"replaced by a file of the same age and length", func() {
			kit.Write(t, next, "d")
			kit.Age(t, next)
			info, _ := os.Stat(path)
			os.Chtimes(next, info.ModTime(), info.ModTime())
			os.Rename(next, path)
		}, "d", 1},
		{"broken", func() { kit.Write(t, path, "bad"); kit.Age(t, path) }, "d", 1},
		{"still broken", func() {}, "d", 1},
		{"gone", func() { os.Remove(path) }, "d", 0},
		{"back", func() { kit.Write(t, path, "e") }, "e", 1},
	}
	broken := map[string]bool{"broken": true, "still broken": true, "gone": true}
	loads := 0
	f := &Value[string]{paths: []string{path}, load: func(paths []string) (string, error) {
		loads++
		text, err := os.ReadFile(paths[0])
		if string(text) == "bad" {
			return "", errors.New("bad")
		}
		return string(text), err
	}}
	if _, err := f.Get(t.Context()); err == nil {
		t.Error("no error without a file")
	}
	for _, tc := range tests {
		loads = 0
		tc.change()
		if got, err := f.Get(t.Context()); got != tc.want || err != nil || loads != tc.loads {
			t.Errorf("%s: %q, %v after %d loads; want %q after %d", tc.name, got, err, loads, tc.want, tc.loads)
		}
		if _, err := f.Current(t.Context()); (err != nil) != broken[tc.name] {
			t.Errorf("%s: the error of Current is %v", tc.name, err)
		}
	}
}

// A Kubernetes volume is updated by replacing a link to a directory. The time of a link
// cannot be set back, so the bubble's clock is set forward.
func TestValueFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	for _, v := range []string{"1", "2"} {
		os.Mkdir(filepath.Join(dir, v), 0o700)
		kit.Write(t, filepath.Join(dir, v, "token"), v)
	}
	data, next, token := filepath.Join(dir, "data"), filepath.Join(dir, "next"), filepath.Join(dir, "token")
	os.Symlink("1", data)
	os.Symlink("2", next)
	os.Symlink(filepath.Join("data", "token"), token)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * 365 * 24 * time.Hour)
		s := NewSecret("file:" + token)
		first, _ := s.Reveal(t.Context())
		if err := os.Rename(next, data); err != nil {
			t.Fatal(err)
		}
		if second, err := s.Reveal(t.Context()); first != "1" || second != "2" || err != nil {
			t.Errorf("%q then %q, %v", first, second, err)
		}
	})
}

func TestSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	tests := []struct{ text, want string }{
		{"s3cret", "s3cret"},
		{"s3cret\n", "s3cret"},
		{"s3cret\r\n", "s3cret"},
		{"\xef\xbb\xbfs3cret\r\n", "s3cret"},
		{" two words ", " two words "},
		{"s3cret\nX-Other: 1", ""},
		{"s3cret\x00", ""},
	}
	for _, tc := range tests {
		kit.Write(t, path, tc.text)
		got, err := NewSecret("file:" + path).Reveal(t.Context())
		if got != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%q: %q, %v", tc.text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error quotes %q: %v", tc.text, err)
		}
	}
	if got, _ := NewSecret("literal").Reveal(t.Context()); got != "literal" {
		t.Errorf("a literal is %q", got)
	}
}

func TestSecretInAFileThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "token")
		kit.Write(t, path, "1")
		s := NewSecret("file:" + path)
		reveal := func() (string, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return s.Reveal(ctx)
		}
		reveal()
		load, hang := s.file.load, make(chan struct{})
		s.file.load = func(paths []string) (string, error) { <-hang; return load(paths) }
		kit.Write(t, path, "22")
		start := time.Now()
		if got, err := reveal(); got != "1" || err != nil || time.Since(start) > StaleWait {
			t.Errorf("%q, %v after %v while the file hangs", got, err, time.Since(start))
		}
		close(hang)
		if got, err := reveal(); got != "22" || err != nil {
			t.Errorf("%q, %v then", got, err)
		}
	})
}
