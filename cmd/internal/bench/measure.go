package main

import (
	"context"
	"errors"
	"slices"
	"time"
)

// side is one of the two things that a ratio compares.
type side func() error

// least is how long one turn of a small operation takes at least, by
// repeating it: long against the clock, short against what else disturbs.
const least = 4 * time.Millisecond

// ratio returns the median over rounds of subject's time over base's. Both run
// once before, to fill caches; then they take turns in alternating order, so
// that a machine that slows down slows both.
func ratio(ctx context.Context, rounds int, base, subject side) (float64, error) {
	nBase, err := repeats(base)
	if err != nil {
		return 0, err
	}
	nSubject, err := repeats(subject)
	if err != nil {
		return 0, err
	}
	ratios := make([]float64, 0, rounds)
	for i := range rounds {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		first, second := turn{base, nBase}, turn{subject, nSubject}
		if i%2 == 1 {
			first, second = second, first
		}
		t1, err := first.time()
		if err != nil {
			return 0, err
		}
		t2, err := second.time()
		if err != nil {
			return 0, err
		}
		if i%2 == 1 {
			t1, t2 = t2, t1
		}
		ratios = append(ratios, t2/t1)
	}
	return median(ratios)
}

// repeats runs s once and returns how often it must run in a turn.
func repeats(s side) (int, error) {
	if err := s(); err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := s(); err != nil {
		return 0, err
	}
	once := max(time.Since(begin), time.Microsecond)
	return int(least/once) + 1, nil
}

// turn is n runs of a side.
type turn struct {
	run side
	n   int
}

// time returns the seconds of processor time of one run.
func (t turn) time() (float64, error) {
	begin, err := spent()
	if err != nil {
		return 0, err
	}
	for range t.n {
		if err := t.run(); err != nil {
			return 0, err
		}
	}
	end, err := spent()
	return (end - begin).Seconds() / float64(t.n), err
}

func median(list []float64) (float64, error) {
	if len(list) == 0 {
		return 0, errors.New("no rounds")
	}
	slices.Sort(list)
	return list[len(list)/2], nil
}
