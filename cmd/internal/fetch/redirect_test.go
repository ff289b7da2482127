package fetch

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever answers over https must not send us on to where anybody on the way
// reads and changes what comes.
func TestNoWayDown(t *testing.T) {
	f, err := New(Config{Hosts: []string{"a.example"}, Now: time.Now})
	require.NoError(t, err)
	request := func(url string) *http.Request { return httptest.NewRequest(http.MethodGet, url, nil) }
	require.ErrorContains(t, f.redirect(request("http://a.example/x"), []*http.Request{request("https://a.example/x")}),
		"from https to http")
	for _, up := range [][2]string{{"http", "https"}, {"https", "https"}, {"http", "http"}} {
		next, via := request(up[1]+"://a.example/x"), request(up[0]+"://a.example/x")
		next.Header.Set("Referer", "https://a.example/secret")
		require.NoError(t, f.redirect(next, []*http.Request{via}))
		require.Empty(t, next.Header.Get("Referer"))
	}
}

func TestIsPublic(t *testing.T) {
	for _, text := range []string{"1.1.1.1", "193.0.14.129", "2606:4700::1111", "2001:67c:2e8::1", "::ffff:1.1.1.1"} {
		require.True(t, isPublic(netip.MustParseAddr(text)), text)
	}
	for _, text := range []string{
		"0.0.0.0", "10.1.2.3", "100.127.255.255", "127.8.8.8", "169.254.169.254", "172.31.0.1", "192.0.0.8", "192.0.2.1",
		"192.168.1.1", "198.19.0.1", "203.0.113.9", "224.0.0.251", "255.255.255.255", "::", "::1", "::127.0.0.1",
		"::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:a00:1::",
		"fc00::1", "fd12::1", "fe80::1%eth0", "fec0::1", "ff02::1",
	} {
		require.False(t, isPublic(netip.MustParseAddr(text)), text)
	}
	require.False(t, isPublic(netip.Addr{}))
	require.Error(t, dialControl("udp", "1.1.1.1:53", nil))
	require.Error(t, dialControl("tcp", "localhost:80", nil), "an address, not a name")
	require.NoError(t, dialControl("tcp4", "1.1.1.1:80", nil))
}
