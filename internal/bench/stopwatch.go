package main

import "time"

// stopwatch takes the time and the CPU of some work.
type stopwatch struct {
	server func() time.Duration // CPU of the server besides; nil if there is none
	began  time.Time
	self   time.Duration
	other  time.Duration
}

func start(server func() time.Duration) *stopwatch {
	w := &stopwatch{server: server}
	if server != nil {
		w.other = server() // reads all of /proc: that is no part of the work
	}
	w.self = cpuSelf()
	w.began = time.Now()
	return w
}

// stop returns what ops operations took.
func (w *stopwatch) stop(ops int) sample {
	s := sample{ops: ops, wall: time.Since(w.began), cpu: cpuSelf() - w.self}
	if w.server != nil {
		s.server = w.server() - w.other
		s.cpu += s.server
	}
	return s
}
