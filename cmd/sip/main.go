// Command sip is the stack in one program: a server that answers calls, and the requests to try any server
// with by hand. `sip -h` lists the commands, `sip call -h` says everything about one.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal is a wish that the command grants in its own time; from then on the system's default
	// stands again, so that a second one ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
