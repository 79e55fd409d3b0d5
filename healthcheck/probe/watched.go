package probe

import (
	"net"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// closeAfterPass lets go at once of what a Watcher opened.
func closeAfterPass(w healthcheck.Watched, err error) error {
	if err != nil {
		return err
	}
	w.Close()
	return nil
}

// A watchedConn is a connection on which the target has nothing more to say.
type watchedConn struct{ net.Conn }

// maxUnasked is how much a target may say unasked. Then it is no longer listened
// to, and counts as gone.
const maxUnsolicited = 64 << 10

// Wait reads until the connection ends. Its buffer is on the stack, because
// thousands may wait.
func (c watchedConn) Wait() error {
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	var buf [256]byte
	for heard := 0; heard < maxUnsolicited; {
		n, err := c.Read(buf[:])
		if err != nil {
			return err
		}
		heard += n
	}
	return nil
}
