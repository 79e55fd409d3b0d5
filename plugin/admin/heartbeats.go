package admin

import (
	"errors"
	"net/http"
)

// A BeatBody is what comes with a beat.
type BeatBody struct {
	OK     *bool  `json:"ok"` // nil is true
	Reason string `json:"reason"`
}

// beat takes in that a job is alive, or that it is not well.
func beat(c *call) *Problem {
	var b BeatBody
	if p := c.decode(&b); p != nil {
		return p
	}
	if !c.backend.Beat(c.r.PathValue("name"), b.failure()) {
		return problem(http.StatusNotFound, "no check has the heartbeat %q", c.r.PathValue("name"))
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

var errBeat = errors.New("the heartbeat says that it is not well")

// maxReason is how many characters of a reason are kept.
const maxReason = 200

// failure returns why a beat is a failed one, or nil.
func (b *BeatBody) failure() error {
	switch {
	case b.OK == nil || *b.OK:
		return nil
	case b.Reason == "":
		return errBeat
	}
	text := []rune(b.Reason)
	return errors.New(string(text[:min(len(text), maxReason)]))
}
