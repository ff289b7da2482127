package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"tamga/formats"
	"tamga/signer"
)

// allowed is how many MiB signing may take above an idle process, for a
// document of any size.
const allowed = 16

func cadesMemory(ctx context.Context, h *house) (float64, error) {
	return h.memory(ctx, "cades", "sparse.bin", 2048*mebi, hole)
}

func padesMemory(ctx context.Context, h *house) (float64, error) {
	return h.memory(ctx, "pades", "sparse.pdf", 500*mebi, pdfOf(emptiness, 0))
}

// memory signs the file in a child, and returns its growth over what is allowed.
func (h *house) memory(ctx context.Context, format, name string, size int64, make shape) (float64, error) {
	if _, err := peak(); err != nil {
		return 0, fmt.Errorf("%w: no /proc/self/status on this system", errSkipped)
	}
	if _, err := h.open(name, size, make); err != nil {
		return 0, err
	}
	grown, err := h.inChild(ctx, "memory "+format, name)
	if err != nil {
		return 0, err
	}
	return grown / allowed, h.drop(name)
}

// growth signs in and writes the result, as the command line does, and returns
// by how many MiB the process grew above its idle self.
func growth(ctx context.Context, h *house, f formats.Preparer, in formats.Input) (float64, error) {
	idle, err := peak()
	if err != nil {
		return 0, err
	}
	edit, err := h.signer.Sign(ctx, signer.SignRequest{Format: f, Level: formats.LevelT}, in)
	if err != nil {
		return 0, err
	}
	if err := discard(edit, in); err != nil {
		return 0, err
	}
	most, err := peak()
	return most - idle, err
}

// peak returns the most MiB that the process ever had in memory (proc(5),
// VmHWM).
func peak() (float64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmHWM in /proc/self/status")
}
