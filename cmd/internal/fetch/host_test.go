package fetch_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"context"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/fetch"
)

func TestCheckHost(t *testing.T) {
	for _, good := range []string{
		"crl.example.com", "crl.example.com:8080", "127.0.0.1", "127.0.0.1:80", "[::1]", "[2001:db8::1]:8080", "localhost",
	} {
		require.NoError(t, fetch.CheckHost(good), good)
	}
	for _, bad := range []string{
		"", "*.example.com", "*", "http://crl.example.com", "crl.example.com/x", "CRL.example.com", "user@crl.example.com",
		"crl.example.com:", "a b", "crl.example.com?x", "a:b", "::1", ":80", "%zz",
		"crl.example.com.", "crl.example.com.:80",
	} {
		require.Error(t, fetch.CheckHost(bad), bad)
	}
	_, err := fetch.New(fetch.Config{Hosts: []string{"*"}})
	require.Error(t, err)
	_, err = fetch.New(fetch.Config{})
	require.Error(t, err, "no clock")
}

// The port of the scheme may stand on the list or not.
func TestPortOfTheScheme(t *testing.T) {
	w := newWorld(t)
	w.cfg.Resolver = resolver([]net.IP{net.IPv4(127, 0, 0, 1)})
	for i, c := range []struct {
		listed, url string
		allowed     bool
	}{
		{"a.example.com:80", "http://a.example.com/x.crl", true},
		{"a.example.com:80", "http://A.example.com.:80/x.crl", true},
		{"a.example.com:80", "http://a.example.com:8080/x.crl", false},
		{"a.example.com:80", "https://a.example.com/x.crl", false},
		{"a.example.com:443", "https://a.example.com/x.crl", true},
		{"a.example.com:443", "http://a.example.com:443/x.crl", true},
		{"a.example.com", "https://a.example.com:443/x.crl", true},
		{"a.example.com", "http://a.example.com:443/x.crl", false},
	} {
		w.cfg.Hosts, w.cfg.AllowPrivate = []string{c.listed}, false
		s := w.session()
		require.Empty(t, w.revocation(s, w.leaf(fmt.Sprint("leaf", i), []string{c.url}, nil, nil)))
		require.Equal(t, c.allowed, strings.Contains(fmt.Sprint(s.Fetched()), "not on the public network"), c)
	}
}

// A stranger's document names our own machine: by its address, by a redirect, by
// a name that is resolved to it. The connection is refused, though the allow list
// has the name; nothing reaches the server.
func TestPrivateAddresses(t *testing.T) {
	w := newWorld(t)
	w.page("/der.crl", w.CRL("ca"))
	w.cfg.AllowPrivate = false
	_, port, err := net.SplitHostPort(w.host())
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		at   []net.IP // what the resolver says
	}{
		{"127.0.0.1", nil},
		{"localhost", nil},
		{"[::1]", nil},
		{"[::ffff:127.0.0.1]", nil},
		{"0.0.0.0", nil},
		{"169.254.169.254", nil},
		{"10.0.0.1", nil},
		{"100.64.0.1", nil},
		{"[fe80::1]", nil},
		{"[fd00::1]", nil},
		{"[64:ff9b::7f00:1]", nil},
		{"[2002:7f00:1::]", nil},
		{"224.0.0.1", nil},
		{"rebound.example.com", []net.IP{net.IPv4(127, 0, 0, 1)}},
		{"cloud.example.com", []net.IP{net.IPv4(169, 254, 169, 254)}},
		{"both.example.com", []net.IP{net.IPv4(192, 168, 0, 1), net.IPv4(127, 0, 0, 1)}},
	} {
		host := c.name + ":" + port
		w.cfg.Hosts, w.cfg.Resolver = []string{host}, resolver(c.at)
		s := w.session()
		require.Empty(t, w.revocation(s, w.leaf("to "+c.name, []string{"http://" + host + "/der.crl"}, nil, nil)), c.name)
		require.Contains(t, s.Fetched()[0].Error, "not on the public network", c.name)
	}
	require.Zero(t, w.count())

	w.cfg.AllowPrivate = true
	host := "rebound.example.com:" + port
	w.cfg.Hosts, w.cfg.Resolver = []string{host}, resolver([]net.IP{net.IPv4(127, 0, 0, 1)})
	require.Len(t, w.revocation(w.session(), w.leaf("allowed", []string{"http://" + host + "/der.crl"}, nil, nil)), 1,
		"the test's resolver works, and the address was the reason")
}

// The proxy that the environment names is not asked.
func TestNoProxy(t *testing.T) {
	w := newWorld(t)
	proxied := false
	proxy := http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied = true })}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = proxy.Serve(l) }()
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", "http://"+l.Addr().String())
	t.Setenv("http_proxy", "http://"+l.Addr().String())
	_, port, err := net.SplitHostPort(w.host())
	require.NoError(t, err)
	host := "crl.example.com:" + port // package http never sends localhost to a proxy
	w.cfg.Hosts, w.cfg.Resolver = []string{host}, resolver([]net.IP{net.IPv4(127, 0, 0, 1)})
	w.page("/der.crl", w.CRL("ca"))
	require.Len(t, w.revocation(w.session(), w.leaf("bob", []string{"http://" + host + "/der.crl"}, nil, nil)), 1)
	require.False(t, proxied)
}

// resolver answers every question with these addresses.
func resolver(at []net.IP) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go answerNames(theirs, at)
		return ours, nil
	}}
}

// answerNames speaks DNS over a stream (RFC 1035 §4.2.2): two bytes of length,
// then the message. It answers questions for A, and has nothing for others.
func answerNames(c net.Conn, at []net.IP) {
	defer c.Close()
	for {
		var size uint16
		if binary.Read(c, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if _, err := io.ReadFull(c, query); err != nil || size < 12 {
			return
		}
		end := 12
		for end < len(query) && query[end] != 0 {
			end += int(query[end]) + 1
		}
		end += 5
		if end > len(query) {
			return
		}
		reply := append([]byte{}, query[:end]...)
		copy(reply[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
		if binary.BigEndian.Uint16(query[end-4:]) == 1 {
			reply[7] = byte(len(at))
			for _, ip := range at {
				reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
				reply = append(reply, ip.To4()...)
			}
		}
		out := binary.BigEndian.AppendUint16(nil, uint16(len(reply)))
		if _, err := c.Write(append(out, reply...)); err != nil {
			return
		}
	}
}

// Whatever the text: a host that is allowed is one that a URL can name.
func FuzzCheckHost(f *testing.F) {
	f.Add("crl.example.com:8080")
	f.Add("[::1]")
	f.Fuzz(func(t *testing.T, host string) {
		if fetch.CheckHost(host) != nil {
			return
		}
		require.NotContains(t, host, "/")
		require.NotContains(t, host, "*")
		require.Equal(t, strings.ToLower(host), host)
	})
}
