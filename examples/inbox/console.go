package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/console"
)

// listenConsole opens the dashboard of inbox on an address of its own, which no sender needs to know; nil without
// -console. It authenticates nobody: whoever reaches the address sees every event.
func listenConsole(inbox *sqlinbox.Inbox, o options, logger *slog.Logger) (net.Listener, http.Handler, error) {
	if o.console == "" {
		return nil, nil, nil
	}
	h, err := console.New(inbox, console.Config{
		Changes: func(*http.Request) bool { return o.changes }, Logger: logger,
	})
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", o.console)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; give another -console", err)
	}
	return listener, h, nil
}
