// Command tamga issues, signs and verifies e-documents.
//
//	tamga serve --dev
//	tamga sign contract.pdf
//	tamga verify contract.signed.pdf
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tamga/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks a second time does not wait for the end of the work
	code := cli.Run(ctx, cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Args: os.Args[1:], Getenv: os.Getenv, Now: time.Now,
	})
	stop()
	os.Exit(code)
}
