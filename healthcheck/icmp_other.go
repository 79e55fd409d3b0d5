//go:build !linux

package healthcheck

import (
	"net"
	"net/netip"
	"os"
	"syscall"
)

// openDatagram leaves it to openRaw.
func openDatagram(_, _ netip.Addr) (pingConn, error) {
	return nil, os.NewSyscallError("socket", syscall.EPROTONOSUPPORT)
}

// drain leaves it to await to pass over what a socket has heard.
func drain(*net.IPConn) {}
