package corefile

import (
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A State is the property state.
type State struct {
	Path   string
	MaxAge time.Duration // up to which states of endpoints count after a restart

	at syntax.Line
}

// Refuse returns the error for the line of the Corefile if FILE cannot be used.
func (s *State) Refuse(err error) error { return s.at.Errf("state %s: %v", syntax.Show(s.Path), err) }

// defaultMaxAge is the MAX_AGE where none is set.
const defaultMaxAge = time.Hour

// readState refuses a directory that nothing can be written to. Whether another process
// has the file is for the start to say.
func (b *block) readState(l syntax.Line) (err error) {
	s := &State{Path: l.ResolvePath(l.Words[1]), MaxAge: defaultMaxAge, at: l}
	if len(l.Words) > 2 {
		if s.MaxAge, err = l.Duration(l.Words[2], 0, math.MaxInt64, "such as 1h"); err != nil {
			return err
		}
	}
	if info, err := os.Stat(s.Path); err == nil && !info.Mode().IsRegular() {
		return l.Expected(l.Words[1], "the name of a file")
	}
	if info, err := os.Stat(filepath.Dir(s.Path)); err != nil || !info.IsDir() {
		return l.Expected(l.Words[1], "a file in a directory that is there")
	}
	b.state = s
	return nil
}
