package pades_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

func pngOf(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

// fill draws the left half of a picture in one colour, and leaves the right.
func fill(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, c color.Color) image.Image {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X/2; x++ {
			m.Set(x, y, c)
		}
	}
	return m
}

// Pictures of every kind are shown with their proportions, in the middle; gray
// ones take one component, and only what is transparent gets a mask.
func TestAppearancePicture(t *testing.T) {
	at := image.Rect(0, 0, 80, 40)
	paletted := image.NewPaletted(at, color.Palette{color.White, color.Black})
	for name, c := range map[string]struct {
		image    []byte
		has, not string
	}{
		"gray PNG":    {pngOf(t, fill(image.NewGray(at), color.Gray{1})), "/N 1", "/SMask"},
		"PNG":         {pngOf(t, fill(image.NewNRGBA(at), color.NRGBA{40, 0, 0, 255})), "/SMask", "/DCTDecode"},
		"16 bit":      {pngOf(t, fill(image.NewNRGBA64(at), color.Black)), "/SMask", "/N 3"},
		"palette":     {pngOf(t, fill(paletted, color.Black)), "/N 1", "/SMask"},
		"JPEG":        {jpegOf(t, image.NewYCbCr(at, image.YCbCrSubsampleRatio420)), "/DCTDecode", "/SMask"},
		"gray JPEG":   {jpegOf(t, image.NewGray(at)), "/DCTDecode", "/N 3"},
		"opaque true": {pngOf(t, image.NewYCbCr(at, image.YCbCrSubsampleRatio444)), "/N 3", "/SMask"},
	} {
		b := sheet(0, "")
		rect := pades.Rect{Left: 20, Top: 20, Width: 108, Height: 208}
		signed := sign(t, b, pades.Preparer{Appearance: &pades.Appearance{NoText: true, Image: c.image, Rect: rect}})
		tail := string(signed[len(b):])
		require.Contains(t, tail, "/Width 80\n/Height 40", name)
		require.Contains(t, tail, c.has, name)
		require.NotContains(t, tail, c.not, name)
		qpdfCheck(t, signed)
		requirePdfsig(t, signed, 1)
		box := render(t, signed).ink()
		if name == "gray JPEG" || name == "gray PNG" { // dark all over
			for i, want := range []int{2 * 24, 2 * 99, 2 * 124, 2 * 149} {
				require.InDelta(t, want, box[i], 2, "%s: %v", name, box)
			}
		}
		if name == "PNG" {
			require.InDelta(t, 2*74, box[2], 2, "%s: the right half is transparent, %v", name, box)
		}
	}
}

// A document that says it is PDF/A-1 may hold nothing transparent (ISO 19005-1
// §6.4): the picture is laid on white. veraPDF found what else it must have.
func TestAppearanceInPDFA1(t *testing.T) {
	seal := pngOf(t, fill(image.NewNRGBA(image.Rect(0, 0, 8, 8)), color.NRGBA{0, 0, 0, 128}))
	pr := pades.Preparer{Appearance: &pades.Appearance{NoText: true, Image: seal}}
	for meta, masked := range map[string]bool{
		"<x><pdfaid:part>1</pdfaid:part></x>": false,
		`<x pdfaid:part="1"/>`:                false,
		"<x><pdfaid:part>2</pdfaid:part></x>": true,
		"<x/>":                                true,
	} {
		b := withKey("/Metadata 6 0 R", strings.Replace(stream(meta), "<<", "<< /Type /Metadata /Subtype /XML", 1))
		signed := sign(t, b, pr)
		require.Equal(t, masked, bytes.Contains(signed[len(b):], []byte("/SMask")), meta)
		requirePdfsig(t, signed, 1)
		// And no field may be without an appearance, be it empty (§6.9).
		unseen := sign(t, b, pades.Preparer{})
		require.Equal(t, !masked, bytes.Contains(unseen[len(b):], []byte("/AP << /N")), meta)
		twice := sign(t, unseen, pades.Preparer{})
		requirePdfsig(t, twice, 2)
		first := parse(t, twice).Signatures[0].Coverage
		require.True(t, first.Harmless, first.Note)
	}
}

// Where a picture was taken, and the original behind a crop, stay with whoever
// took it.
func TestPictureTellsNothing(t *testing.T) {
	plain := jpegOf(t, image.NewGray(image.Rect(0, 0, 16, 16)))
	segment := func(kind byte, text string) string {
		return string([]byte{0xFF, kind, 0, byte(2 + len(text))}) + text
	}
	telling := string(plain[:2]) + segment(0xE1, "Exif: latitude") + "\xFF" + segment(0xFE, "a comment") +
		segment(0xED, "thumbnail") + segment(0xE0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00") +
		string(plain[2:]) + "another picture"
	b := page()
	signed := sign(t, b, pades.Preparer{Appearance: &pades.Appearance{NoText: true, Image: []byte(telling)}})
	tail := string(signed[len(b):])
	for _, word := range []string{"latitude", "comment", "thumbnail", "another"} {
		require.NotContains(t, tail, word)
	}
	require.Contains(t, tail, "JFIF")
	require.Contains(t, tail, string(plain[2:]), "and all that is needed is there")
}

// A header of a few bytes that asks for gigabytes of pixels.
func TestPictureBomb(t *testing.T) {
	bomb := pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for word, b := range map[string][]byte{
		"60000 by 60000": bomb, "a picture of 5242880 bytes": append(bomb, make([]byte, 5<<20-len(bomb))...),
	} {
		refuses(t, page(), pades.Preparer{Appearance: &pades.Appearance{Image: b}}, pades.ErrWish, word)
	}
}

// Whatever a picture is: it is refused as such, or the document is signed.
func FuzzPicture(f *testing.F) {
	at := image.Rect(0, 0, 9, 7)
	f.Add(pngOf(f, fill(image.NewNRGBA(at), color.NRGBA{40, 0, 0, 99})))
	f.Add(pngOf(f, image.NewGray16(at)))
	f.Add(jpegOf(f, image.NewGray(at)))
	f.Add(jpegOf(f, image.NewYCbCr(at, image.YCbCrSubsampleRatio420)))
	f.Add([]byte("\xFF\xD8\xFF\xDA"))
	p := params(f, signer(f, "alice"))
	b := page()
	f.Fuzz(func(t *testing.T, picture []byte) {
		if len(picture) == 0 {
			return // no picture at all
		}
		pr := pades.Preparer{Appearance: &pades.Appearance{NoText: true, Image: picture}}
		if _, err := pr.Prepare(input(b), p); err != nil {
			require.ErrorIs(t, err, pades.ErrWish)
		}
	})
}

// Whatever stands in an empty field, a stranger's: it is a refusal with its
// reason, or a signature that can be read.
func FuzzField(f *testing.F) {
	f.Add("/SV << /Ff 255 /Filter /Adobe.PPKLite /Cert << /Ff 1 /Subject [<00>] >> >>")
	f.Add("/SV << /MDP << /P 2 >> /TimeStamp << /Ff 1 >> >> /Lock << /Action /All /P 1 >>")
	f.Add("/Lock << /Action /Include /Fields [(a) 6 0 R] >> /MK << /R 90 >> /F 4")
	f.Add("/SV 6 0 R /Lock 6 0 R /P 6 0 R /MK 6 0 R")
	f.Add("/AP << /N 4 0 R >> /Kids [6 0 R]")
	p := params(f, signer(f, "alice"))
	f.Fuzz(func(t *testing.T, entries string) {
		b := document(
			"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
			"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 400] >>",
			"<< /Type /Page /Parent 2 0 R /Annots [4 0 R] >>",
			"<< /FT /Sig /T (Buyer) /Type /Annot /Subtype /Widget /Rect [50 200 200 280] "+entries+" >>",
		)
		for _, pr := range []pades.Preparer{
			{Field: "Buyer"}, {Field: "Buyer", Appearance: &pades.Appearance{}}, {Certify: pades.FillForms},
		} {
			pending, err := pr.Prepare(input(b), p)
			if err == nil {
				require.NotEmpty(t, pending.ToBeSigned)
				continue
			}
			known := false
			for _, why := range []error{
				pades.ErrWish, pades.ErrForbidden, formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported,
			} {
				known = known || errors.Is(err, why)
			}
			require.True(t, known, err)
		}
	})
}
