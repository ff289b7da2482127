package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
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
	image string
	lang  string
	over  string // the file that a detached CMS is over
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
report.docx gets report.docx.p7s. The input itself is never touched.

A signature in a PDF is invisible unless --visible says where it is shown, or
--image or --qr what. --visible takes yes (in the empty field that --field names,
or else at the lower right of the first page) or, with commas between them,
  page=N                        N from 1; last, or -1 and so on, from the end
  rect=LEFT:TOP:WIDTH:HEIGHT    millimetres from the upper left of the page as seen
  text=no                       only the picture or the QR code

--certify makes it the certification of the document, its first signature, and
says what may be done afterwards: no-changes, forms (filling in and signing) or
annotations (these too). --lock closes form fields: all, fields:NAME,NAME or
except:NAME,NAME; or document, which closes everything.

With cades, --attached puts the file into the signature: report.docx.p7m. If the
FILE is a signature already, --parallel adds one beside those in it, over the
same content, and --counter N signs its signature N: report.docx.p7s becomes
report.docx.signed.p7s. What is in it does not change.`,
		Example: `  tamga sign contract.pdf
  tamga sign --format cades report.docx
  tamga sign --reason "approved" --out final.pdf contract.pdf
  tamga sign --visible page=last,rect=20:250:80:25 --image seal.png contract.pdf
  tamga sign --certify forms --lock fields:price,name offer.pdf
  tamga sign --format cades --commitment approval --role "head of finance" report.docx
  tamga sign --parallel report.docx.p7s
  tamga sign --counter 1 report.docx.p7s`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.sign(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.wish.Format, "format", "", "pades (PDF) or cades (any file)")
	f.StringVar(&o.wish.Level, "level", "B-T", "B-B; B-T with a time-stamp; B-LT and B-LTA, which last: see tamga extend")
	f.StringVar(&o.out, "out", "", "write to this `file` (with one input)")
	f.BoolVar(&o.force, "force", false, "overwrite an existing output")
	f.StringVar(&o.key, "key", "", "`name` of the signing key")
	pdf := &o.wish.PDF
	f.StringVar(&pdf.Reason, "reason", "", "PDF: why it is signed")
	f.StringVar(&pdf.Location, "location", "", "PDF: where it is signed")
	f.StringVar(&pdf.Field, "field", "", "PDF: name of the signature field")
	f.StringVar(&pdf.Certify, "certify", "", "PDF: certify, allowing no-changes, forms or annotations")
	f.StringVar(&pdf.Attestation, "attestation", "", "PDF: legal attestation of a certification")
	f.StringVar(&pdf.Lock, "lock", "", "PDF: lock all, fields:NAME,…, except:NAME,… or document")
	f.StringVar(&pdf.Visible, "visible", "", "PDF: show it: yes, or page=1,rect=20:250:80:25 (mm)")
	f.StringVar(&o.image, "image", "", "PDF: show the picture in this `file`, PNG or JPEG")
	f.StringVar(&pdf.QR, "qr", "", "PDF: show a QR code of this `text`")
	f.StringVar(&o.lang, "lang", "", "PDF: language of it: en, uk or et (default from your locale)")
	cms := &o.wish.CMS
	f.BoolVar(&cms.Attached, "attached", false, "CMS: put the file into the signature")
	f.BoolVar(&cms.Parallel, "parallel", false, "CMS: FILE is a signature; sign what it signs")
	f.IntVar(&cms.Counter, "counter", 0, "CMS: FILE is a signature; sign the `N`th in it")
	f.StringVar(&o.over, "content", "", "with --parallel or --counter: the `file` that FILE is over (default beside it)")
	f.BoolVar(&cms.ContentStamp, "content-stamp", false, "CMS: time-stamp the content before it is signed")
	f.StringArrayVar(&cms.Commitments, "commitment", nil, "CMS: commit to origin, receipt, delivery, sender, approval or creation")
	f.StringArrayVar(&cms.Roles, "role", nil, "CMS: the `role` in which you sign")
	f.StringVar(&cms.PolicyID, "policy-id", "", "CMS: `OID` of the signature policy")
	f.StringVar(&cms.PolicySum, "policy-digest", "", "CMS: digest of its document, sha256:`HEX`")
	f.StringVar(&cms.PolicyURI, "policy-uri", "", "CMS: where it can be had")
	passwordFlag(f, &o.passwordFile)
	return c
}

// shown completes the wish by what a visible signature is made of.
func (a *app) shown(ctx context.Context, o *signOptions) (err error) {
	if o.wish.PDF.Language, err = a.language(o.lang); err != nil || o.image == "" {
		return err
	}
	o.wish.PDF.Image, err = readSmall(ctx, o.image, a.Stdin)
	return err
}

func (a *app) sign(ctx context.Context, o signOptions, names []string) error {
	if o.out != "" && len(names) > 1 {
		return usage("--out names one file, but there are several inputs", "sign them one by one, or leave out --out")
	}
	if o.over != "" && (!o.wish.CMS.Joined() || len(names) > 1) {
		return usage("--content is what the signatures in one FILE are over", "give it with --parallel or --counter, and one FILE")
	}
	if err := a.shown(ctx, &o); err != nil {
		return err
	}
	var err error
	if o.password, err = readPassword(o.passwordFile, a.Stdin); err != nil {
		return err
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	keys := &openedKeys{settings: settings, now: a.Now, uses: []pki.Use{pki.UseSign, pki.UseTimestamp}}
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
	uses     []pki.Use
	house    *config.House
	err      error
}

func (k *openedKeys) signer(ctx context.Context) (*signer.Service, error) {
	if k.house == nil && k.err == nil {
		k.house, k.err = k.settings.Open(ctx, k.now, k.uses...)
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
	if o.wish.CMS.Joined() {
		content, err := openContent(ctx, name, o.over)
		if err != nil {
			return err
		}
		if content != nil {
			defer content.Close()
			doc.Detached = []formats.Input{content.input(content.Name())}
		}
	}
	place := o.out
	if place == "" {
		place = o.wish.SignedName(name, preparer.ID())
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
	edit, err := s.Sign(ctx, signer.SignRequest{
		Format: preparer, Level: level, Key: o.key, ContentStamp: o.wish.CMS.ContentStamp,
	}, doc)
	if errors.Is(err, signer.ErrStampSize) {
		return &failure{code: ExitFailed, err: err, hint: "in the settings, under [timestamp], say token_size = " +
			"the number of bytes above, and sign again"}
	}
	if err != nil {
		return asRead(err)
	}
	if err := writeEdit(ctx, out, in, edit); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "%s  %s\n", show(place), describe(edit.Apply(doc, place), level, o.wish.CMS.Counter))
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

// describe says what was made, as the document itself tells it: the last
// signature, or the last over the one that was countersigned.
func describe(out formats.Input, level formats.Level, counter int) string {
	parser, err := catalog.Recognise(out)
	if err != nil {
		return "signed"
	}
	doc, err := parser.Parse(out)
	if err != nil {
		return "signed"
	}
	var sig formats.Signature // the last one of a person
	var stamps []formats.Timestamp
	for _, s := range doc.Signatures {
		if s.Stamp != nil {
			stamps = append(stamps, *s.Stamp)
		} else {
			sig = s
		}
	}
	if len(sig.Value) == 0 {
		return "signed"
	}
	by := "signed by "
	if counter > 0 && counter <= len(doc.Signatures) && len(doc.Signatures[counter-1].Counter) > 0 {
		sig, by = *last(doc.Signatures[counter-1].Counter), "countersigned by "
	}
	words := []string{formatName(doc.Format) + " " + string(level)}
	if c := signedBy(&sig); c != nil {
		words = append(words, by+oneLine(commonName(c)))
	}
	for _, stamp := range append(sig.Evidence.Timestamps, stamps...) {
		words = append(words, "time-stamped "+stamp.Time.UTC().Format(time.DateTime)+" UTC")
	}
	return strings.Join(words, ", ")
}

func last(list []formats.Signature) *formats.Signature { return &list[len(list)-1] }

// signedBy is the certificate that the signature says it is by. Others may have
// sent theirs in the same document.
func signedBy(sig *formats.Signature) *x509.Certificate {
	for _, c := range sig.Evidence.Certificates {
		if h := sig.Signer.Hash; sig.Signer.Attribute && h.Known() && bytes.Equal(h.Sum(c.Raw), sig.Signer.Digest) {
			return c
		}
	}
	return nil
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
