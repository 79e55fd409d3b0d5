package probe

import (
	"net"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// closeAfterPass closes w unless err is set, and returns err. Both are results of Watch.
func closeAfterPass(w healthcheck.Watched, err error) error {
	if err != nil {
		return err
	}
	w.Close()
	return nil
}

// A watchedConn is a connection that is open only to notice when it ends.
type watchedConn struct{ net.Conn }

// maxUnsolicited is how many bytes a target may send on a watched connection. Beyond
// that, the connection counts as broken.
const maxUnsolicited = 64 << 10

// Wait reads until the connection ends. Its buffer is small and on the stack: thousands
// may wait.
func (c watchedConn) Wait() error {
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	var buf [256]byte
	for received := 0; received < maxUnsolicited; {
		n, err := c.Read(buf[:])
		if err != nil {
			return err
		}
		received += n
	}
	return nil
}
