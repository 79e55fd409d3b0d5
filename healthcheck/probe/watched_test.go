package probe

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// Wait returns when the target closes, when it sends too much, and when the connection is
// closed here.
func TestWatchedConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, peer := range map[string]func(net.Conn){
			"ends":  func(c net.Conn) { c.Write(make([]byte, 1000)); c.Close() },
			"sends": func(c net.Conn) { c.Write(make([]byte, 2*maxUnsolicited)) },
		} {
			ours, theirs := net.Pipe()
			go peer(theirs)
			done := make(chan struct{})
			go func() { watchedConn{ours}.Wait(); close(done) }()
			synctest.Wait()
			select {
			case <-done:
			default:
				t.Errorf("a target that %s does not break the watch", name)
			}
			ours.Close()
			theirs.Close()
		}
		ours, theirs := net.Pipe()
		defer theirs.Close()
		ours.SetDeadline(time.Now().Add(time.Second)) // the deadline of the probe
		done := make(chan struct{})
		go func() { watchedConn{ours}.Wait(); close(done) }()
		time.Sleep(time.Minute)
		select {
		case <-done:
			t.Error("a silent connection breaks")
		default:
		}
		ours.Close()
		<-done
	})
}
