package cli

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// progress is one line on the terminal, for work that takes its time. On
// anything but a terminal it is nothing.
type progress struct {
	w     io.Writer // nil: silent
	total int
}

// Progress shows after this long, and moves this often.
const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

func (a *app) newProgress(total int) *progress {
	if !terminal(a.Stderr) {
		return &progress{}
	}
	return &progress{w: a.Stderr, total: total}
}

// file begins with the i-th file; the returned function ends it and wipes the
// line.
func (p *progress) file(i int, name string, f *file) (done func()) {
	if p.w == nil {
		return func() {}
	}
	var read atomic.Int64
	f.read = func(n int) { read.Add(int64(n)) }
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		shown := false
		for wait := progressAfter; ; wait = progressEvery {
			select {
			case <-stop:
				if shown {
					fmt.Fprint(p.w, "\r\x1b[K")
				}
				return
			case <-time.After(wait):
				shown = true
				fmt.Fprintf(p.w, "\r\x1b[K%d/%d  %3d%%  %s", i+1, p.total, percent(read.Load(), f.info.Size()), show(name))
			}
		}
	}()
	return func() { close(stop); <-stopped }
}

func percent(done, all int64) int64 {
	if all <= 0 {
		return 100
	}
	return min(100, done*100/all)
}
