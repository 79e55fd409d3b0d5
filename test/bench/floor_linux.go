package main

import (
	"context"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// floorSlot is how much time of probes the floor makes in one go.
const floorSlot = 20 * time.Millisecond

// A floorProbe is a connection on its way.
type floorProbe struct {
	fd  int
	end time.Time // of its timeout
}

// A floor probes all endpoints of a kind with nothing but the system calls that this
// takes, in one thread.
type floor struct {
	kind   kind
	addrs  []netip.Addr
	next   int          // of addrs
	open   []floorProbe // those that time ends, oldest first
	poll   int          // of those that are to answer
	buffer [4096]byte
}

// runFloor makes probes until ctx ends.
func runFloor(ctx context.Context) error {
	runtime.LockOSThread()
	f := &floor{kind: kindArg()}
	f.addrs = f.kind.endpoints()
	var err error
	if f.poll, err = unix.EpollCreate1(0); err != nil {
		return err
	}
	perSlot := float64(*count) * floorSlot.Seconds() / every.Seconds()
	due := 0.0
	for at := time.Now(); ctx.Err() == nil; at = at.Add(floorSlot) {
		wait := unix.NsecToTimespec(int64(max(0, time.Until(at))))
		_ = unix.Nanosleep(&wait, nil)
		asked := 0
		for due += perSlot; due >= 1; due-- {
			asked += f.ask()
		}
		for asked > 0 {
			asked -= f.hear()
		}
		f.expire()
	}
	return nil
}

// ask begins one probe, and returns 1 if its answer is to be waited for. Connections
// on loopback are made within the call.
func (f *floor) ask() (waits int) {
	addr := f.addrs[f.next]
	f.next = (f.next + 1) % len(f.addrs)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	_ = unix.Connect(fd, &unix.SockaddrInet4{Addr: addr.As4(), Port: port})
	switch {
	case !f.kind.listens && f.kind.first == lost:
		f.open = append(f.open, floorProbe{fd, time.Now().Add(time.Second)})
		return 0
	case f.kind.check == tcpCheck:
		_, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		f.hangUp(fd)
		return 0
	}
	_, _ = unix.Write(fd, request)
	_ = unix.EpollCtl(f.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}) // #nosec G115 -- small
	return 1
}

var request = []byte("GET " + httpCheck.Target.Path + " HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")

// hear ends the probes that were answered, and returns how many.
func (f *floor) hear() (answered int) {
	var events [64]unix.EpollEvent
	n, _ := unix.EpollWait(f.poll, events[:], int(time.Second/time.Millisecond))
	if n == 0 {
		return len(f.addrs) // none comes any more
	}
	for _, e := range events[:max(0, n)] {
		_, _ = unix.Read(int(e.Fd), f.buffer[:])
		f.hangUp(int(e.Fd))
	}
	return max(0, n)
}

// hangUp ends a connection as the server does, by a FIN and an RST.
func (f *floor) hangUp(fd int) {
	if f.kind.listens {
		_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		_ = unix.Shutdown(fd, unix.SHUT_WR)
	}
	_ = unix.Close(fd)
}

// expire ends the probes whose time is over.
func (f *floor) expire() {
	now := time.Now()
	for len(f.open) > 0 && !f.open[0].end.After(now) {
		_ = unix.Close(f.open[0].fd)
		f.open = f.open[1:]
	}
}
