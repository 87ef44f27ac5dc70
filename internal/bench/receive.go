package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// receiveConnections keep both ends busy: a server that idles between requests spends CPU on waiting.
const receiveConnections = 16

func receiving() measurement {
	return measurement{
		name: "receive",
		what: "receive 1 KiB over loopback: verify, compare with the headers, dedupe, dispatch by type; CPU of the server's process",
		run:  receive,
	}
}

func receive(ctx context.Context, b *bench) error {
	list, err := endpoints()
	if err != nil {
		return err
	}
	var contenders []contender
	for _, e := range list {
		t := &target{endpoint: e, n: b.pick(10_000, 20_000)}
		if err := t.start(ctx); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		defer t.stop()
		contenders = append(contenders, contender{e.name, t.run})
	}
	r, err := contest(ctx, b.out, b.pick(5, 9), contenders...)
	if err != nil {
		return err
	}
	cost := func(to endpoint) float64 { return r.ratio(sample.cpuPerOp, list[1].name, to.name) }
	b.judge(atMost("receive", cost(list[0]), 1.25))
	for _, peer := range list[2:] {
		if !peer.extra {
			b.judge(atMost("receive-"+peer.name, cost(peer), 1))
		}
	}
	return nil
}

// target is an endpoint that runs, and the connections to it.
type target struct {
	endpoint
	n      int // requests per run: some dozens of garbage collections
	server *server
	conns  connections
}

func (t *target) start(ctx context.Context) (err error) {
	if t.server, err = startServer(ctx, t.name); err != nil {
		return err
	}
	if t.conns, err = dial(t.server.addr, receiveConnections); err == nil {
		err = t.warmUp(ctx)
	}
	if err != nil {
		t.stop()
	}
	return err
}

func (t *target) stop() {
	t.conns.close()
	t.server.stop()
}

// warmUp also sees to it that the endpoint does its work: what lets a forgery pass has no place here.
func (t *target) warmUp(ctx context.Context) error {
	forged, err := t.forgery()
	if err != nil {
		return err
	}
	t.conns[0].conn.SetDeadline(time.Now().Add(10 * time.Second))
	status, err := t.conns[0].post(forged)
	if err != nil {
		return err
	}
	if taken := status == http.StatusOK; taken != t.trusting {
		return fmt.Errorf("answer %d to a forged request", status)
	}
	_, err = t.run(ctx)
	return err
}

// run sends new events and takes the CPU of the server's process. They are made before the watch runs.
func (t *target) run(ctx context.Context) (sample, error) {
	if err := ctx.Err(); err != nil {
		return sample{}, err
	}
	requests, err := t.requests(t.n)
	if err != nil {
		return sample{}, err
	}
	before, err := t.server.usage()
	if err != nil {
		return sample{}, err
	}
	began := time.Now()
	if err := t.conns.post(requests); err != nil {
		return sample{}, err
	}
	s := sample{ops: t.n, wall: time.Since(began)}
	after, err := t.server.usage()
	if err != nil {
		return sample{}, err
	}
	s.cpu = after.CPU - before.CPU
	if after.Handled-before.Handled != int64(t.n) {
		return sample{}, errors.New("not every event was handled once")
	}
	return s, nil
}
