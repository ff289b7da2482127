package cli

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/pki"
	"tamga/signer"
)

// issueOptions is what was asked for.
type issueOptions struct {
	claims    string
	holderKey string
	outDir    string
	formats   []string
	force     bool
}

func (a *app) issueCommand() *cobra.Command {
	var o issueOptions
	c := &cobra.Command{
		Use:   "issue TYPE --claims FILE",
		Short: "Issue an identity document",
		Long: `Issue one identity document of TYPE, such as pid, with the claims of a JSON
object, as ISO mdoc (pid.mdoc) and as SD-JWT VC (pid.sdjwt).

The document is bound to a key of its holder. Give its public half with
--holder-key; without it a key is made and written to pid.holder-key.pem.`,
		Example: `  tamga issue pid --claims person.json
  tamga issue pid --claims - --holder-key holder.jwk --format sdjwt < person.json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("one document type is needed", "for example: tamga issue pid --claims person.json")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.issue(c.Context(), o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.claims, "claims", "", "JSON `file` of claims, - for standard input")
	f.StringVar(&o.holderKey, "holder-key", "", "`file` of the holder's public key, PEM or JWK")
	f.StringVar(&o.outDir, "out-dir", ".", "`folder` to write to")
	f.StringSliceVar(&o.formats, "format", nil, "mdoc, sdjwt (default both)")
	f.BoolVar(&o.force, "force", false, "overwrite existing outputs")
	return c
}

func (a *app) issue(ctx context.Context, o issueOptions, kind string) error {
	if o.claims == "" {
		return usage("the claims are missing", "give a JSON file with --claims person.json, or - for standard input")
	}
	req, err := a.issueRequest(ctx, o, kind)
	if err != nil {
		return err
	}
	var keyPEM []byte
	if req.HolderKey == nil {
		if req.HolderKey, keyPEM, err = newHolderKey(); err != nil {
			return err
		}
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	house, err := settings.Open(ctx, a.Now, pki.UseMdoc, pki.UseSDJWT)
	if err != nil {
		return err
	}
	defer house.Close()
	issued, err := house.Signer.Issue(ctx, req)
	if err != nil {
		return issueFailure(o.claims, err)
	}
	if err := a.writeIssued(o, kind, issued, keyPEM); err != nil {
		return err
	}
	a.exit = ExitOK
	return nil
}

func (a *app) issueRequest(ctx context.Context, o issueOptions, kind string) (signer.IssueRequest, error) {
	req := signer.IssueRequest{Type: kind}
	for _, name := range o.formats {
		id := formats.ID(strings.ToLower(name))
		if id != formats.Mdoc && id != formats.SDJWT {
			return req, usage("unknown document format", "the formats are mdoc and sdjwt")
		}
		req.Formats = append(req.Formats, id)
	}
	var err error
	if req.Claims, err = readSmall(ctx, o.claims, a.Stdin); err != nil || o.holderKey == "" {
		return req, err
	}
	text, err := readSmall(ctx, o.holderKey, nil)
	if err != nil {
		return req, err
	}
	if req.HolderKey, err = request.HolderKey(text); err != nil {
		return req, about(o.holderKey, err)
	}
	return req, nil
}

// newHolderKey makes a key for a holder who has none, as unencrypted PKCS#8:
// it is for trying things out.
func newHolderKey() (crypto.PublicKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a holder key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("making a holder key: %w", err)
	}
	return &key.PublicKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// fileNames of what is issued, after the document type.
var issuedExt = map[formats.ID]string{formats.Mdoc: ".mdoc", formats.SDJWT: ".sdjwt"}

// writeIssued writes all files or none: first each beside its place, then each
// to its place.
func (a *app) writeIssued(o issueOptions, kind string, issued []signer.Issued, keyPEM []byte) error {
	base := filepath.Join(o.outDir, filepath.Base(kind))
	type made struct {
		place, words string
		text         []byte
	}
	var all []made
	for _, doc := range issued {
		all = append(all, made{base + issuedExt[doc.Format], fmt.Sprintf("%s, type %s, valid until %s",
			formatName(doc.Format), oneLine(doc.Type), doc.ValidUntil.UTC().Format("2006-01-02 15:04 UTC")), doc.Document})
	}
	if keyPEM != nil {
		all = append(all, made{base + ".holder-key.pem", "the holder's private key, made now; keep it secret", keyPEM})
	}
	var outs []*output
	for _, m := range all {
		out, err := create(m.place, o.force, nil)
		if err != nil {
			return err
		}
		defer out.discard()
		if _, err := out.Write(m.text); err != nil {
			return about(m.place, fmt.Errorf("writing: %w", plainCause(err)))
		}
		outs = append(outs, out)
	}
	if err := commitAll(outs); err != nil {
		return err
	}
	for _, m := range all {
		fmt.Fprintf(a.Stdout, "%s  %s\n", show(m.place), m.words)
	}
	return nil
}

// issueFailure says whose fault it is that nothing was issued.
func issueFailure(claims string, err error) error {
	switch {
	case errors.Is(err, signer.ErrClaims):
		return &failure{code: ExitNotReadable, file: claims, err: err}
	case errors.Is(err, signer.ErrUnknownType):
		return &failure{code: ExitFailed, err: err, hint: "for example: tamga issue pid --format mdoc,sdjwt"}
	}
	return err
}
