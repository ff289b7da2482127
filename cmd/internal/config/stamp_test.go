package config_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/config"
	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/signer"
)

// Another authority stamps what we sign: here one house asks another, over
// HTTP. Without an answer nothing is signed.
func TestStampByAnotherAuthority(t *testing.T) {
	theirs, err := config.Load(made(t))
	require.NoError(t, err)
	authority, err := theirs.Open(t.Context(), clock, pki.UseTimestamp)
	require.NoError(t, err)
	defer authority.Close()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		query, _ := io.ReadAll(r.Body)
		reply, err := authority.TSA.Respond(r.Context(), query)
		if err != nil {
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(reply)
	}))
	defer server.Close()

	dir := theirs.Dir()
	path := filepath.Join(dir, "tamga.toml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	named := strings.Replace(string(text), "[timestamp]", "[timestamp]\nurl = '"+server.URL+"'", 1)
	require.NoError(t, os.WriteFile(path, []byte(named), 0o600))
	ours, err := config.Load(dir)
	require.NoError(t, err)
	house, err := ours.Open(t.Context(), clock, pki.UseSign)
	require.NoError(t, err)
	defer house.Close()

	content := []byte("content")
	in := formats.Input{Name: "content", ReaderAt: bytes.NewReader(content), Size: int64(len(content))}
	request := signer.SignRequest{Format: cades.Preparer{}, Level: formats.LevelT}
	_, err = house.Signer.Sign(t.Context(), request, in)
	require.NoError(t, err)
	require.Equal(t, 1, asked)

	server.Close()
	_, err = house.Signer.Sign(t.Context(), request, in)
	require.ErrorContains(t, err, "asking for a time-stamp")
}
