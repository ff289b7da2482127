package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// cache keeps answers in a folder, one file each:
//
//	{"url":…,"kind":…,"fetched":…,"until":…,"sha256":…}\n
//	the answer's bytes
//
// An entry is used only if its head fits what is asked for, its bytes fit the
// head, and its time has not ended; anything else is asked for again. What it
// holds is as little believed as what the network says: a verdict rests on the
// signatures in it. It never keeps anybody from an answer: what cannot be written
// is not kept.
type cache struct {
	dir   string
	now   func() time.Time
	swept sync.Once
}

type entry struct {
	URL     string    `json:"url"`
	Kind    string    `json:"kind"`
	Fetched time.Time `json:"fetched"`
	Until   time.Time `json:"until"`
	SHA256  string    `json:"sha256"`
	body    []byte
}

const (
	maxHead = 16 << 10
	// maxKept is for how long an answer counts as the newest, whatever it says
	// of itself: a list that promises to be good for a month may be followed
	// by another tomorrow.
	maxKept = time.Hour
	// maxCacheFiles and maxCacheBytes bound the folder.
	maxCacheFiles = 10_000
	maxCacheBytes = 512 << 20
)

func (c *cache) path(key string) string { return filepath.Join(c.dir, key) }

// get returns the entry under key, if it counts.
func (c *cache) get(q query, key string) (entry, bool) {
	if c == nil {
		return entry{}, false
	}
	f, err := os.Open(c.path(key))
	if err != nil {
		return entry{}, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxHead+q.limit+1))
	head, body, found := bytes.Cut(text, []byte("\n"))
	var e entry
	if err != nil || !found || len(head) > maxHead || int64(len(body)) > q.limit ||
		json.Unmarshal(head, &e) != nil {
		return entry{}, false
	}
	sum := sha256.Sum256(body)
	now := c.now()
	if e.URL != q.url || e.Kind != q.kind || e.SHA256 != hex.EncodeToString(sum[:]) ||
		!now.Before(e.Until) || now.Before(e.Fetched) || e.Until.Sub(e.Fetched) > q.life() {
		return entry{}, false
	}
	e.body = body
	return e, true
}

// life is the longest for which an answer is kept.
func (q query) life() time.Duration {
	if q.kind == "certificate" {
		return certificateLife
	}
	return maxKept
}

// put keeps an answer until its end.
func (c *cache) put(q query, key string, body []byte, until time.Time) {
	if c == nil {
		return
	}
	now := c.now().UTC()
	if latest := now.Add(q.life()); until.After(latest) {
		until = latest
	}
	if !now.Before(until) {
		return
	}
	sum := sha256.Sum256(body)
	head, err := json.Marshal(entry{
		URL: q.url, Kind: q.kind, Fetched: now, Until: until.UTC(), SHA256: hex.EncodeToString(sum[:]),
	})
	if err != nil || len(head) > maxHead || os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	c.swept.Do(c.sweep)
	c.write(key, append(append(head, '\n'), body...))
}

// write puts a file in its place in one step.
func (c *cache) write(key string, text []byte) {
	f, err := os.CreateTemp(c.dir, ".part-*")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(key))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}

// sweep removes, once in a run, what is older than any entry counts, and
// everything if the folder has outgrown its bounds.
func (c *cache) sweep() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var size int64
	oldest := c.now().Add(-certificateLife)
	for i, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		size += info.Size()
		if info.ModTime().Before(oldest) || i >= maxCacheFiles || size > maxCacheBytes {
			_ = os.Remove(c.path(e.Name()))
		}
	}
}
