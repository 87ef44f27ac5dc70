package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const (
	longestCall = time.Minute      // the test of a Kirisan endpoint takes up to 45 s
	farewell    = 15 * time.Second // what calls under way get when the program ends
)

// serve answers calls and delivers events until ctx ends. Then it takes no more calls, lets those under way finish, and
// only then stops delivering: an event whose publisher still waits for the answer may go out at once.
func serve(
	ctx context.Context, listener net.Listener, handler http.Handler, s *sender.Sender, logger *slog.Logger,
) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      longestCall,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	delivering, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	delivered, served := make(chan error, 1), make(chan error, 1)
	go func() { delivered <- s.Run(delivering) }()
	go func() { served <- server.Serve(listener) }()

	var failed error
	select {
	case <-ctx.Done():
		logger.Info("stopping: no more calls are taken")
		failed = shutdown(server)
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			failed = errors.Join(failed, err)
		}
	case err := <-served:
		failed = fmt.Errorf("serve: %w", err) // the listener failed on its own
	}
	stop()
	failed = errors.Join(failed, <-delivered)
	logger.Info("stopped: attempts in flight have ended")
	return failed
}

func shutdown(server *http.Server) error {
	limited, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		return errors.Join(fmt.Errorf("calls were cut off: %w", err), server.Close())
	}
	return nil
}
