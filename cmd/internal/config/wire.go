package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/tsa"
	"tamga/signer"
	"tamga/signer/profile"
	"tamga/verifier/report"
)

// wire connects the ports. The keys of authorities stay out of the signer's
// reach: they are for lists only.
func (h *House) wire() error {
	types, err := profile.EU()
	if err != nil {
		return err
	}
	cfg := signer.Config{
		Check: h.check, Assess: h.assess, Types: types, Now: h.now,
		Issuer: profile.Issuer(h.settings.config.Issuer), StampSize: h.settings.config.Timestamp.TokenSize,
	}
	for _, k := range h.keys {
		if !allows(k, pki.UseCertificate) {
			cfg.Keys = append(cfg.Keys, k)
		}
	}
	if stamp := h.key(h.settings.config.Timestamp.Key); stamp != nil {
		h.TSA, err = h.authority(stamp)
		if err != nil {
			return err
		}
		cfg.Timestamper = h.TSA
	}
	if url := h.settings.config.Timestamp.URL; url != "" {
		cfg.Timestamper = &tsa.Client{Post: postStamp(url)}
	}
	h.Signer, err = signer.New(cfg)
	return err
}

// stampAccuracy is what a computer that follows a time server can promise.
const stampAccuracy = time.Second

func (h *House) authority(key *pki.Key) (*tsa.Authority, error) {
	return tsa.NewAuthority(tsa.AuthorityConfig{
		Key: key, Policy: h.settings.config.Timestamp.Policy, Accuracy: stampAccuracy, Now: h.now,
	})
}

func allows(k *pki.Key, use pki.Use) bool {
	alg, err := pki.DefaultAlgorithm(k.Certificate().PublicKey)
	return err == nil && k.Allows(use, alg)
}

// check is the independent judge of what the signer is about to release: what
// our keys have signed must be valid. Signatures of others in the same document
// are not ours to vouch for, and do not keep us from signing beside them.
func (h *House) check(ctx context.Context, in formats.Input) error {
	judge, err := h.Verifier("check before release")
	if err != nil {
		return err
	}
	found, err := judge.Verify(ctx, in)
	if err != nil {
		return err
	}
	ours := 0
	all := found.Verdict.Signatures
	for _, sig := range found.Verdict.Signatures {
		all = append(all[:len(all):len(all)], sig.Counters...)
	}
	for _, sig := range all {
		if !h.signed(sig) {
			continue
		}
		if sig.Indication != report.TotalPassed {
			return fmt.Errorf("%s: %s %s (%s)", sig.Name, sig.Indication, sig.SubIndication, firstFailed(sig))
		}
		ours++
	}
	if ours == 0 {
		return errors.New("none of its signatures is ours")
	}
	return nil
}

// signed reports whether one of our keys made sig.
func (h *House) signed(sig report.Signature) bool {
	return len(sig.Chain) > 0 && slices.ContainsFunc(h.keys, func(k *pki.Key) bool {
		return strings.EqualFold(sig.Chain[0].SHA256, fingerprint(k.Certificate()))
	})
}

func firstFailed(sig report.Signature) string {
	for _, c := range sig.Checks {
		if !c.Passed {
			return c.ID + ": " + c.Detail
		}
	}
	for _, stamp := range sig.Timestamps {
		if stamp.Indication != report.TotalPassed {
			return stamp.Name + ": " + firstFailed(stamp)
		}
	}
	return "no check failed"
}
