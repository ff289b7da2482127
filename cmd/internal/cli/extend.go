package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/config"
	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/signer"
)

// extendOptions is what was asked for.
type extendOptions struct {
	to      string
	renew   bool
	out     string
	inPlace bool
	force   bool
	content string
	judgeOptions

	passwordFile string
	password     []byte
}

func (a *app) extendCommand() *cobra.Command {
	var o extendOptions
	c := &cobra.Command{
		Use:   "extend FILE...",
		Short: "Make signatures last: add time-stamps and evidence",
		Long: `Lift the signatures in each FILE, ours and others', to a level that lasts:
  T    a time-stamp proves when it was signed
  LT   certificates and revocation information are inside, so that it can be
       judged without the network, and when their makers are gone
  LTA  a time-stamp over all of that, which can be renewed: see tamga renew

What is in the file stays as it is, byte for byte. What is missing comes from the
data folder, from --evidence, or with --online from the network. A signature that
is broken, or whose certificates nobody vouches for, is not lifted.

contract.signed.pdf becomes contract.signed.lta.pdf, unless --out or --in-place
says otherwise.`,
		Example: `  tamga extend contract.signed.pdf
  tamga extend --to LT --online --allow-host crl.example.com report.docx.p7s
  tamga extend --in-place --trust their-root.pem --evidence lists/ *.pdf`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.extend(c.Context(), o, args) },
	}
	c.Flags().StringVar(&o.to, "to", "LTA", "the level: T, LT or LTA")
	o.flags(c)
	return c
}

func (a *app) renewCommand() *cobra.Command {
	o := extendOptions{to: "LTA", renew: true}
	c := &cobra.Command{
		Use:   "renew FILE...",
		Short: "Renew the time-stamps that make signatures last",
		Long: `Add to each FILE the evidence for its last time-stamp, and a new time-stamp over
everything, before the certificates or the algorithms of the old one come to
their end. What is in the file stays as it is, byte for byte.

contract.signed.lta.pdf becomes contract.signed.lta.renewed.pdf, unless --out or
--in-place says otherwise.`,
		Example: `  tamga renew --in-place archive/*.pdf
  tamga renew --online --allow-host crl.example.com report.docx.lta.p7s`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.extend(c.Context(), o, args) },
	}
	o.flags(c)
	return c
}

func (o *extendOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "write to this `file` (with one input)")
	f.BoolVar(&o.inPlace, "in-place", false, "replace the file itself, by a whole new one")
	f.BoolVar(&o.force, "force", false, "overwrite an existing output")
	f.StringVar(&o.content, "content", "", "the `file` that a detached signature is over")
	passwordFlag(f, &o.passwordFile)
	o.sources(f)
}

func (a *app) extend(ctx context.Context, o extendOptions, names []string) error {
	switch {
	case o.out != "" && len(names) > 1:
		return usage("--out names one file, but there are several inputs", "extend them one by one, or leave out --out")
	case o.content != "" && len(names) > 1:
		return usage("--content belongs to one signature, but there are several files", "extend them one by one")
	case o.out != "" && o.inPlace:
		return usage("--out and --in-place say two different things", "choose one")
	}
	var err error
	if o.password, err = readPassword(o.passwordFile, a.Stdin); err != nil {
		return err
	}
	level, err := request.ExtendLevel(o.to)
	if err != nil {
		return err
	}
	judge, err := a.judging(o.judgeOptions)
	if err != nil {
		return err
	}
	defer a.close(judge)
	settings, err := a.settings()
	if err != nil {
		return err
	}
	keys := &openedKeys{settings: settings, now: a.Now, uses: []pki.Use{pki.UseTimestamp}}
	defer keys.close()
	var codes []Exit
	for _, name := range names {
		err := a.extendOne(ctx, keys, judge, o, level, name)
		if keys.err != nil {
			return keys.err
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

func (a *app) extendOne(ctx context.Context, keys *openedKeys, judge *judging, o extendOptions, level formats.Level, name string) error {
	in, err := open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	doc := in.input(name)
	doc.Password = o.password
	parser, err := catalog.Recognise(doc)
	if err != nil {
		return asRead(err)
	}
	extender, err := catalog.Extender(parser.ID())
	if err != nil {
		return err
	}
	content, err := openContent(ctx, name, o.content)
	if err != nil {
		return err
	}
	if content != nil {
		defer content.Close()
		doc.Detached = []formats.Input{content.input(content.Name())}
	}
	place, force := o.place(name, level)
	out, err := create(place, force, in.info)
	if err != nil {
		return err
	}
	defer out.discard()
	s, err := keys.signer(ctx)
	if err != nil {
		return err
	}
	edit, err := s.Extend(ctx, signer.ExtendRequest{
		Format: extender, To: level, Renew: o.renew, Assess: config.Assess(judge.Basis),
	}, doc)
	if err != nil {
		return asRead(err)
	}
	if len(edit.Tail) == 0 {
		fmt.Fprintf(a.Stdout, "%s  has level %s already, nothing written\n", show(name), level)
		return nil
	}
	if err := writeEdit(ctx, out, in, edit); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "%s  %s %s, %d bytes added\n", show(place), formatName(parser.ID()), level,
		edit.Keep+int64(len(edit.Tail))-in.info.Size())
	return nil
}

// levelNames stand before the last part of the names of what was extended.
var levelNames = []string{".t", ".lt", ".lta", ".renewed"}

// place is where the result goes, and whether it may overwrite.
func (o *extendOptions) place(name string, level formats.Level) (string, bool) {
	switch {
	case o.inPlace:
		return name, true
	case o.out != "":
		return o.out, o.force
	}
	ext := filepath.Ext(name)
	mark := strings.ToLower(strings.Replace(string(level), "B-", ".", 1))
	if o.renew {
		mark = levelNames[len(levelNames)-1]
	}
	return strings.TrimSuffix(name, ext) + mark + ext, o.force
}

// withoutLevels is the name of a file without what extending it, and signing
// beside or over what is in it, have put into it.
func withoutLevels(name string) string {
	for slices.Contains(levelNames, filepath.Ext(name)) || filepath.Ext(name) == ".signed" {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	return name
}
