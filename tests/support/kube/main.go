// Command kube is one executable with the four programs that make a Kubernetes control plane, for
// tests: etcd, kube-apiserver, kube-controller-manager and kube-scheduler. The first argument says
// which; the others are that program's own. It adds nothing to them and starts no second process:
// who starts which, with what certificates and ports, is said in tests/support/kubernetes.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// Each program of Kubernetes, by the name it has as an executable of its own.
var commands = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: kube PROGRAM ARGUMENT...")
	}
	name, arguments := os.Args[1], os.Args[1:]
	if name == "etcd" {
		etcdmain.Main(arguments)
		return
	}
	build, known := commands[name]
	if !known {
		fail("unknown program " + name)
	}
	os.Args = arguments
	os.Exit(cli.Run(build()))
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}
