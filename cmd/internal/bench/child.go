package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/pades"
)

// childVariable names the task of a child: the command once more, for one
// document, because neither the peak of a process's memory nor a heap that has
// grown can be taken back.
const childVariable = "TAMGA_BENCH_CHILD"

// task is what a child does with its document; it returns one figure.
type task func(context.Context, *house, formats.Input) (float64, error)

var tasks = map[string]task{
	"memory cades": func(ctx context.Context, h *house, in formats.Input) (float64, error) {
		return growth(ctx, h, cades.Preparer{}, in)
	},
	"memory pades": func(ctx context.Context, h *house, in formats.Input) (float64, error) {
		return growth(ctx, h, pades.Preparer{}, in)
	},
	"time pades": func(ctx context.Context, h *house, in formats.Input) (float64, error) {
		return turn{func() error { return h.pades(ctx, in) }, 1}.time()
	},
	"time pdfsign": func(_ context.Context, h *house, in formats.Input) (float64, error) {
		return turn{func() error { return h.pdfsign(in) }, 1}.time()
	},
}

// inChild has a child do a task with one of the house's files.
func (h *house) inChild(ctx context.Context, task, file string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, h.files[file].Name())
	cmd.Env = append(os.Environ(), childVariable+"="+task)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("in the child for %s: %w", task, err)
	}
	figure, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		return 0, fmt.Errorf("reading what the child for %s measured: %w", task, err)
	}
	return figure, nil
}

// runChild is the child's main function.
func runChild(ctx context.Context, name string, args []string, out io.Writer) error {
	do, ok := tasks[name]
	if !ok || len(args) != 1 {
		return fmt.Errorf("%s=%q: not a task with one file", childVariable, name)
	}
	h, err := newHouse("")
	if err != nil {
		return err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	figure, err := do(ctx, h, formats.Input{Name: info.Name(), ReaderAt: f, Size: info.Size()})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, figure)
	return err
}
