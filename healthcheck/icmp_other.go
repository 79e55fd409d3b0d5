//go:build !linux

package healthcheck

import (
	"net/netip"
	"os"
	"syscall"
)

// openDatagram leaves it to openRaw.
func openDatagram(_, _ netip.Addr) (pingConn, error) {
	return nil, os.NewSyscallError("socket", syscall.EPROTONOSUPPORT)
}
