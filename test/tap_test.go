package test

import (
	"bufio"
	"bytes"
	numbers "encoding/binary" // binary is the server
	"io"
	"net"
	"sync"
	"testing"
)

// A tap collects the messages that the dnstap plugin sends it with the Frame Streams protocol.
type tap struct {
	mu     sync.Mutex // guards the following
	frames [][]byte
}

// newTap returns a tap that listens on a Unix socket.
func newTap(t *testing.T, path string) *tap {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := new(tap)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.read(conn)
		}
	}()
	return p
}

// read accepts the offered content type, and reads frames until the other side stops.
func (p *tap) read(conn net.Conn) {
	defer conn.Close()
	const accept, stop, ready, finish = 1, 3, 4, 5
	r := bufio.NewReader(conn)
	for {
		frame, control, err := readFrame(r)
		switch {
		case err != nil:
			return
		case !control:
			p.mu.Lock()
			p.frames = append(p.frames, frame)
			p.mu.Unlock()
		case frame[3] == ready:
			frame[3] = accept // with the content type that it offers
			conn.Write(controlFrame(frame))
		case frame[3] == stop:
			conn.Write(controlFrame([]byte{0, 0, 0, finish}))
			return
		}
	}
}

// readFrame reads a data frame, or a control frame, which follows an empty frame.
func readFrame(r io.Reader) (frame []byte, control bool, err error) {
	for {
		var size uint32
		if err := numbers.Read(r, numbers.BigEndian, &size); err != nil {
			return nil, false, err
		}
		if size == 0 {
			control = true
			continue
		}
		frame = make([]byte, size)
		_, err = io.ReadFull(r, frame)
		return frame, control, err
	}
}

func controlFrame(payload []byte) []byte {
	b := numbers.BigEndian.AppendUint32(make([]byte, 4), uint32(len(payload)))
	return append(b, payload...)
}

// has reports whether one frame contains all of the parts.
func (p *tap) has(parts ...[]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
next:
	for _, frame := range p.frames {
		for _, part := range parts {
			if !bytes.Contains(frame, part) {
				continue next
			}
		}
		return true
	}
	return false
}
