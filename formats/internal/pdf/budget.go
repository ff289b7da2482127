package pdf

import (
	"fmt"

	"tamga/formats"
)

// What a file may cost. The bounds are for the whole life of a File, so that a
// thousand small bombs are no better than a big one.
const (
	maxObjectBytes = 16 << 20          // one object or stream dictionary
	maxObjectNodes = 100_000           // values within one object
	maxNodes       = 4_000_000         // values read in all
	maxReads       = 400_000           // objects read in all
	maxEntries     = 2_000_000         // cross-reference entries looked at in all
	maxSearches    = 20_000_000        // sections looked through in all
	maxDecoded     = formats.MaxParsed // bytes out of filters in all
	maxEncoded     = formats.MaxParsed // bytes into them
	maxWindows     = 128 << 20         // bytes of objects beyond their first 2 KiB in all
	maxRatio       = 400               // decoded to encoded bytes of a stream …
	freeDecoded    = 1 << 20           // … above this size
	maxSections    = 4096              // cross-reference sections
	maxSubsections = 100_000           // their subsections
	maxNumber      = 8_388_607         // object number, ISO 32000-2 Annex C
	maxHops        = 32                // reference to reference
	maxDepth       = formats.MaxDepth  // arrays and dictionaries
	tailBytes      = 2048              // where startxref must be
)

// budget counts what has been spent.
type budget struct {
	reads, entries, searches, nodes, decoded, encoded, windows int
}

func (b *budget) read() error {
	if b.reads++; b.reads > maxReads {
		return fmt.Errorf("more than %d objects read: %w", maxReads, formats.ErrTooLarge)
	}
	return nil
}

func (b *budget) entry() error {
	if b.entries++; b.entries > maxEntries {
		return fmt.Errorf("more than %d cross-reference entries read: %w", maxEntries, formats.ErrTooLarge)
	}
	return nil
}

func (b *budget) search(sections int) error {
	if b.searches += sections; b.searches > maxSearches {
		return fmt.Errorf("more than %d cross-reference sections searched: %w", maxSearches, formats.ErrTooLarge)
	}
	return nil
}

func (b *budget) decode(n int) error {
	if b.decoded += n; b.decoded > maxDecoded {
		return fmt.Errorf("streams decode to more than %d bytes: %w", maxDecoded, formats.ErrTooLarge)
	}
	return nil
}

// encode counts what is read to be decoded: streams may overlap, so that a file
// holds more of them than bytes.
func (b *budget) encode(n int64) error {
	if b.encoded += int(n); b.encoded > maxEncoded {
		return fmt.Errorf("streams of more than %d bytes read: %w", maxEncoded, formats.ErrTooLarge)
	}
	return nil
}

// window counts what is read of large objects, which may overlap as well: each
// can stand in a string of the one before.
func (b *budget) window(n int64) error {
	if b.windows += int(n); b.windows > maxWindows {
		return fmt.Errorf("objects of more than %d bytes read: %w", maxWindows, formats.ErrTooLarge)
	}
	return nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, formats.ErrMalformed)...)
}
