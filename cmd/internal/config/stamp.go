package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Limits on another authority: it is not trusted until its token has been
// checked, and its silence must not hold up a signature for ever.
const (
	stampPatience = 20 * time.Second
	maxStampReply = 1 << 20
)

func checkStampURL(raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("url: need an http or https URL")
	case u.User != nil:
		return errors.New("url: need one without user and password")
	}
	return nil
}

// postStamp asks the authority at address over HTTP (RFC 3161 §3.4). It
// follows no redirect: whoever answers must be whom the operator named.
func postStamp(address string) func(context.Context, []byte) ([]byte, error) {
	client := &http.Client{
		Timeout:       stampPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, query []byte) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(query))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/timestamp-query")
		answer, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s answered %s", address, answer.Status)
		}
		reply, err := io.ReadAll(io.LimitReader(answer.Body, maxStampReply+1))
		if err == nil && len(reply) > maxStampReply {
			err = fmt.Errorf("%s answered more than %d bytes", address, maxStampReply)
		}
		return reply, err
	}
}
