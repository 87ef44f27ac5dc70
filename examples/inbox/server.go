package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// deadline is the longest that a dialect gives its handler: Kirisan's 25 s.
const deadline = 25 * time.Second

// serve answers requests until ctx ends, then lets those under way finish. Without time-outs a few clients that send
// slowly, or never read, could hold every connection; the body has one of its own, see receiver.Config.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      deadline + 10*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), deadline+5*time.Second)
		defer cancel()
		drained <- server.Shutdown(limited)
	})
	err := server.Serve(listener)
	if stop() {
		return fmt.Errorf("serve: %w", err) // the listener failed on its own
	}
	if err := <-drained; err != nil {
		return errors.Join(fmt.Errorf("shutdown: requests were cut off: %w", err), server.Close())
	}
	return nil
}

// only serves one path. It is tempting to use http.ServeMux, but that reads {…} in a path as a pattern. It also
// redirects what it finds untidy, and a webhook sender follows no redirects.
func only(path string, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			http.NotFound(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// together runs all of jobs until ctx ends or one of them returns, and waits for the others to finish.
func together(ctx context.Context, jobs ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(jobs))
	for _, job := range jobs {
		go func() {
			defer stop()
			ended <- job(ctx)
		}()
	}
	var errs []error
	for range jobs {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}
