package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// output is a file on its way: written under a passing name in the folder of
// its place, and moved there whole. Whatever stops us, its place holds the old
// file, the new one or nothing, never a part.
type output struct {
	*os.File
	place string
	force bool
}

// create opens an output for place. The permissions are those of like (which
// may be nil), or the owner's only. It fails early if place is taken and force
// is not given; the move at the end decides.
func create(place string, force bool, like fs.FileInfo) (*output, error) {
	if !force {
		if _, err := os.Lstat(place); err == nil {
			return nil, taken(place)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(place), "."+filepath.Base(place)+".*.part")
	if err != nil {
		return nil, &failure{code: ExitFailed, file: place, err: fmt.Errorf("writing: %w", plainCause(err)),
			hint: "choose another place with --out or --out-dir"}
	}
	if like != nil {
		if err := f.Chmod(like.Mode().Perm() | 0o200); err != nil {
			f.Close()
			os.Remove(f.Name())
			return nil, about(place, fmt.Errorf("writing: %w", plainCause(err)))
		}
	}
	return &output{f, place, force}, nil
}

// commit makes the file durable and moves it to its place.
func (o *output) commit() error {
	err := o.Sync()
	if closed := o.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = o.move()
	}
	if err != nil {
		os.Remove(o.Name())
		if _, ok := errors.AsType[*failure](err); ok {
			return err
		}
		return about(o.place, fmt.Errorf("writing: %w", plainCause(err)))
	}
	syncFolder(filepath.Dir(o.place))
	return nil
}

// move gives the file its name. Without force a hard link does it, which fails
// where something has the name already: two runs at once cannot overwrite each
// other. Where the file system has no links, an empty file claims the name.
func (o *output) move() error {
	if o.force {
		return os.Rename(o.Name(), o.place)
	}
	err := os.Link(o.Name(), o.place)
	if err == nil {
		return os.Remove(o.Name())
	}
	if errors.Is(err, fs.ErrExist) {
		return taken(o.place)
	}
	claim, err := os.OpenFile(o.place, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return taken(o.place)
	}
	if err != nil {
		return err
	}
	claim.Close()
	if err := os.Rename(o.Name(), o.place); err != nil {
		os.Remove(o.place)
		return err
	}
	return nil
}

// discard removes what was written. After commit it does nothing.
func (o *output) discard() {
	if o.Close() == nil {
		os.Remove(o.Name())
	}
}

func taken(place string) error {
	return &failure{code: ExitFailed, file: place, err: errors.New("exists already, not overwritten"),
		hint: "give --force to overwrite it, or another place"}
}

// copyStep is how much is copied between two looks at the context.
const copyStep = 64 << 20

// copyHead copies the first n bytes of in. The system may do it without the
// bytes passing through us.
func (o *output) copyHead(ctx context.Context, in *file, n int64) error {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		done, err := io.CopyN(o.File, in.File, min(n, copyStep))
		if n -= done; err != nil {
			return err
		}
	}
	return nil
}

// commitAll puts all outputs in their places. If one cannot be, those that
// took a free place are taken back; one that was overwritten with --force
// stays, whole.
func commitAll(outs []*output) error {
	for i, out := range outs {
		err := out.commit()
		if err == nil {
			continue
		}
		for _, done := range outs[:i] {
			if !done.force {
				os.Remove(done.place)
			}
		}
		return err
	}
	return nil
}
