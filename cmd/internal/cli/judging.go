package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tamga/cmd/internal/config"
	"tamga/cmd/internal/fetch"
	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// judgeOptions are what is judged by: whom to trust, what is required, as of
// when, with what evidence, and whether the network may be asked.
type judgeOptions struct {
	at       string
	policy   string
	trust    []string
	evidence []string
	online   bool
	hosts    []string
	private  bool
}

func (o *judgeOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.at, "at", "",
		"judge as of this `time`, such as 2026-11-23T12:00:00Z, or the end of a day (UTC)")
	o.sources(f)
}

// sources are the options beside the time.
func (o *judgeOptions) sources(f *pflag.FlagSet) {
	f.StringVar(&o.policy, "policy", policy.DefaultName,
		"what is required: a `name` or a TOML file; see tamga policy list")
	f.StringArrayVar(&o.trust, "trust", nil,
		"also trust the certificates in this `file or folder`, PEM or DER; repeatable")
	f.StringArrayVar(&o.evidence, "evidence", nil,
		"consider the certificates, CRLs and OCSP responses in this `file or folder`; repeatable")
	f.BoolVar(&o.online, "online", false, "ask the network for what is missing; see --allow-host")
	f.StringArrayVar(&o.hosts, "allow-host", nil,
		"let --online ask this `host`; repeatable, beside online.hosts in tamga.toml")
	f.BoolVar(&o.private, "allow-private", false,
		"let --online ask addresses that are not on the public network")
}

// judging is a verifier that may ask the network, and the record of it.
type judging struct {
	*verifier.Verifier
	fetcher *fetch.Fetcher // nil: offline
	needed  []string       // hosts that would have been asked, if they were allowed
}

// judging builds the judge. Whom to believe comes from the data folder, if there
// is one, and from --trust; never from the machine's own store, which is a list
// of whom browsers trust to name servers.
func (a *app) judging(o judgeOptions) (*judging, error) {
	if !o.online && (len(o.hosts) > 0 || o.private) {
		return nil, usage("--allow-host and --allow-private are about --online", "add --online, or leave them out")
	}
	j := config.Judge{Now: a.Now, Tool: tool()}
	var err error
	if j.Settings, j.Trust, err = a.trusted(); err != nil {
		return nil, err
	}
	for _, name := range o.trust {
		list, err := loadTrusted(name)
		if err != nil {
			return nil, about(name, err)
		}
		for _, c := range list {
			j.Trust = append(j.Trust, pki.Anchor{Certificate: c, Uses: pki.Uses(), Source: show(name)})
		}
	}
	if j.Policy, err = loadPolicy(o.policy); err != nil {
		return nil, err
	}
	if len(o.evidence) > 0 {
		if j.Evidence, err = config.LoadEvidence(o.evidence); err != nil {
			return nil, err
		}
		a.tellSkipped(j.Evidence.Skipped)
	}
	if o.at != "" {
		at, err := parseTime(o.at, endOfDay)
		if err != nil {
			return nil, usage("--at is not a time", "write it as in 2026-11-23T12:00:00Z or 2026-11-23")
		}
		j.Now = func() time.Time { return at }
	}
	v, err := j.Verifier()
	if err != nil {
		return nil, err
	}
	out := &judging{Verifier: v}
	if o.online {
		out.fetcher, err = a.fetcher(j.Settings, o)
	}
	return out, err
}

// trusted loads the data folder, or if there is none, whom it trusts.
func (a *app) trusted() (*config.Settings, []pki.Anchor, error) {
	settings, err := a.settings()
	if err == nil {
		return settings, nil, a.warnStale(settings)
	}
	if !errors.Is(err, config.ErrNoData) {
		return nil, nil, err
	}
	dir, dirErr := a.data()
	if dirErr != nil {
		return nil, nil, dirErr
	}
	list, trustErr := config.LoadTrust(dir)
	if trustErr != nil {
		return nil, nil, trustErr
	}
	if len(list) == 0 && a.dataDir != "" {
		return nil, nil, err // it was asked for, and is not there
	}
	return nil, config.Anchors(list), nil // a third party has no data folder, and needs none
}

// plural chooses between two words.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// shownSkipped is how many files of no use are named.
const shownSkipped = 3

func (a *app) tellSkipped(list []string) {
	if len(list) == 0 {
		return
	}
	rest := ""
	if len(list) > shownSkipped {
		rest = fmt.Sprintf("; and %d more", len(list)-shownSkipped)
		list = list[:shownSkipped]
	}
	fmt.Fprintln(a.Stderr, "tamga: evidence left out: "+oneLine(strings.Join(list, "; "))+rest)
}

// loadPolicy finds a policy: a published one by its name, any other by its file.
func loadPolicy(name string) (*policy.Policy, error) {
	if slices.Contains(policy.Names(), name) {
		return policy.ByName(name)
	}
	if filepath.Ext(name) != ".toml" && !strings.ContainsAny(name, `/\`) {
		return nil, usage(fmt.Sprintf("there is no policy called %s", show(name)),
			"the published ones are "+strings.Join(policy.Names(), " and ")+
				"; a policy of your own is a file called *.toml")
	}
	info, err := os.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > policy.MaxSize) {
		err = fmt.Errorf("not a file of at most %d bytes", policy.MaxSize)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, about(name, plainCause(err))
	}
	p, err := policy.Parse(text)
	if err != nil {
		return nil, about(name, err)
	}
	return p, nil
}

// An edge of a day is the moment that a date stands for.
type edge time.Duration

const (
	startOfDay edge = 0
	endOfDay   edge = edge(24*time.Hour - time.Second)
)

// parseTime reads a time, or a date of which it takes one edge in UTC.
func parseTime(text string, e edge) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Add(time.Duration(e)), nil
	}
	return time.Parse(time.RFC3339, text)
}

func (a *app) fetcher(settings *config.Settings, o judgeOptions) (*fetch.Fetcher, error) {
	hosts := slices.Clone(o.hosts)
	if settings != nil {
		hosts = append(hosts, settings.OnlineHosts()...)
	}
	f, err := fetch.New(fetch.Config{
		Hosts: hosts, Cache: config.CacheDir(a.Getenv), Now: a.Now, AllowPrivate: o.private,
	})
	if err != nil {
		return nil, usage(err.Error(), "")
	}
	return f, nil
}

// Verify judges one document, with what the network has if that was asked for.
func (j *judging) Verify(ctx context.Context, in formats.Input) (*report.Report, error) {
	if j.fetcher == nil {
		return j.Verifier.Verify(ctx, in)
	}
	session := j.fetcher.Document()
	found, err := j.asking(session).Verify(ctx, in)
	if err != nil {
		return nil, err
	}
	found.Context.Fetched = session.Fetched()
	j.note(session)
	return found, nil
}

// Basis is on what the verdict about one document rests, with what the network
// has if that was asked for.
func (j *judging) Basis(ctx context.Context, in formats.Input) ([]verifier.Basis, error) {
	if j.fetcher == nil {
		return j.Verifier.Basis(ctx, in)
	}
	session := j.fetcher.Document()
	defer j.note(session)
	return j.asking(session).Basis(ctx, in)
}

func (j *judging) asking(session *fetch.Session) *verifier.Verifier {
	v := *j.Verifier
	v.Revocation = config.RevocationSources{j.Revocation, session}
	v.Issuers = session
	if j.Issuers != nil {
		v.Issuers = config.IssuerSources{j.Issuers, session}
	}
	return &v
}

// note keeps whom the session would have asked.
func (j *judging) note(session *fetch.Session) {
	for _, host := range session.Needed() {
		if !slices.Contains(j.needed, host) {
			j.needed = append(j.needed, host)
		}
	}
}

// close lets go of the network, and tells whom it would have asked.
func (a *app) close(j *judging) {
	if j.fetcher == nil {
		return
	}
	j.fetcher.Close()
	if len(j.needed) > 0 {
		fmt.Fprintf(a.Stderr, "tamga: not asked, because not allowed: %s\n", oneLine(strings.Join(j.needed, ", ")))
		a.hint("if you know " + plural(len(j.needed), "it", "them") + ", add --allow-host " +
			strings.Join(j.needed, " --allow-host ") + ", or name them under online.hosts in tamga.toml")
	}
}

// printFetched tells what was asked and what came.
func (a *app) printFetched(list []report.Fetched) error {
	for _, f := range list {
		what := fmt.Sprintf("%d bytes", f.Size)
		switch {
		case f.Error != "":
			what = f.Error
		case f.Cached:
			what += ", kept"
		}
		if _, err := fmt.Fprintf(a.Stdout, "  fetched %s %-11s %s: %s\n",
			f.Time.UTC().Format(time.RFC3339), f.Kind, f.URL, what); err != nil {
			return err
		}
	}
	return nil
}
