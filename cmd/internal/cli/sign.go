package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/config"
	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/signer"
)

// signOptions is what was asked for.
type signOptions struct {
	wish  request.Signature
	key   string
	out   string
	force bool

	passwordFile string
	password     []byte
}

func (a *app) signCommand() *cobra.Command {
	var o signOptions
	c := &cobra.Command{
		Use:   "sign FILE...",
		Short: "Sign files",
		Long: `Sign each FILE with the key in the data folder.

A PDF is signed inside (PAdES): contract.pdf becomes contract.signed.pdf.
Any other file needs --format cades, and the signature goes beside it:
report.docx gets report.docx.p7s. The input itself is never touched.`,
		Example: `  tamga sign contract.pdf
  tamga sign --format cades report.docx
  tamga sign --reason "approved" --out final.pdf contract.pdf`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.sign(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.wish.Format, "format", "", "pades (PDF) or cades (any file)")
	f.StringVar(&o.wish.Level, "level", "B-T", "B-B, or B-T with a time-stamp")
	f.StringVar(&o.out, "out", "", "write to this `file` (with one input)")
	f.BoolVar(&o.force, "force", false, "overwrite an existing output")
	f.StringVar(&o.key, "key", "", "`name` of the signing key")
	f.StringVar(&o.wish.Reason, "reason", "", "PDF: why it is signed")
	f.StringVar(&o.wish.Location, "location", "", "PDF: where it is signed")
	f.StringVar(&o.wish.Field, "field", "", "PDF: name of the signature field")
	passwordFlag(f, &o.passwordFile)
	return c
}

func (a *app) sign(ctx context.Context, o signOptions, names []string) error {
	if o.out != "" && len(names) > 1 {
		return usage("--out names one file, but there are several inputs", "sign them one by one, or leave out --out")
	}
	var err error
	if o.password, err = readPassword(o.passwordFile, a.Stdin); err != nil {
		return err
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	keys := &openedKeys{settings: settings, now: a.Now}
	defer keys.close()
	var codes []Exit
	for _, name := range names {
		err := a.signOne(ctx, keys, o, name)
		if keys.err != nil {
			return keys.err // none of the files is at fault
		}
		if err != nil {
			codes = append(codes, a.fail(ctx, about(name, err)))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		codes = append(codes, ExitOK)
	}
	a.exit = worst(codes)
	return nil
}

// openedKeys are opened when the first file has turned out fit to be signed:
// opening takes longer than finding out that a name is wrong.
type openedKeys struct {
	settings *config.Settings
	now      func() time.Time
	house    *config.House
	err      error
}

func (k *openedKeys) signer(ctx context.Context) (*signer.Service, error) {
	if k.house == nil && k.err == nil {
		k.house, k.err = k.settings.Open(ctx, k.now, pki.UseSign, pki.UseTimestamp)
	}
	if k.err != nil {
		return nil, k.err
	}
	return k.house.Signer, nil
}

func (k *openedKeys) close() {
	if k.house != nil {
		k.house.Close()
	}
}

func (a *app) signOne(ctx context.Context, keys *openedKeys, o signOptions, name string) error {
	in, err := open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	doc := in.input(name)
	doc.Password = o.password
	preparer, level, err := o.wish.Resolve(doc)
	if err != nil {
		return asRead(err)
	}
	place := o.out
	if place == "" {
		place = request.SignedName(name, preparer.ID())
	}
	out, err := create(place, o.force, in.info)
	if err != nil {
		return err
	}
	defer out.discard()
	s, err := keys.signer(ctx)
	if err != nil {
		return err
	}
	edit, err := s.Sign(ctx, signer.SignRequest{Format: preparer, Level: level, Key: o.key}, doc)
	if err != nil {
		return asRead(err)
	}
	if err := writeEdit(ctx, out, in, edit); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "%s  %s\n", show(place), describe(edit.Apply(doc, place), level))
	return nil
}

// writeEdit writes the changed document and puts it in its place.
func writeEdit(ctx context.Context, out *output, in *file, edit formats.Edit) error {
	if err := out.copyHead(ctx, in, edit.Keep); err != nil {
		return fmt.Errorf("copying: %w", plainCause(err))
	}
	if _, err := out.Write(edit.Tail); err != nil {
		return about(out.place, fmt.Errorf("writing: %w", plainCause(err)))
	}
	if err := in.unchanged(); err != nil {
		return err
	}
	return out.commit()
}

// describe says what was made, as the document itself tells it.
func describe(out formats.Input, level formats.Level) string {
	parser, err := catalog.Recognise(out)
	if err != nil {
		return "signed"
	}
	doc, err := parser.Parse(out)
	if err != nil || len(doc.Signatures) == 0 {
		return "signed"
	}
	sig := doc.Signatures[len(doc.Signatures)-1]
	words := []string{formatName(doc.Format) + " " + string(level)}
	if c := sig.Evidence.Certificates; len(c) > 0 {
		words = append(words, "signed by "+oneLine(commonName(c[0])))
	}
	for _, stamp := range sig.Evidence.Timestamps {
		words = append(words, "time-stamped "+stamp.Time.UTC().Format(time.DateTime)+" UTC")
	}
	return strings.Join(words, ", ")
}

func formatName(id formats.ID) string {
	switch id {
	case formats.PAdES:
		return "PAdES"
	case formats.CAdES:
		return "CAdES"
	case formats.Mdoc:
		return "ISO mdoc"
	case formats.SDJWT:
		return "SD-JWT VC"
	}
	return string(id)
}
