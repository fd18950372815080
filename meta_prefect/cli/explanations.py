"""
The long text of every error code, for `meta-prefect explain`.

A test finds every code that the package uses and fails when one has no text here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    What a code means.

    title: one line. text: what happened and what to do. example: to look at or to paste.
    """

    title: str
    text: str
    example: str = ""


EXPLANATIONS: Final[dict[str, Explanation]] = {
    "MP1001": Explanation(
        "there is no such folder",
        "`-C` names a folder that is not there. The project is looked for in that folder "
        "and above it.",
        "meta-prefect -C ~/flows ls",
    ),
    "MP1002": Explanation(
        "pyproject.toml cannot be read",
        "The project's settings are read from `[tool.meta_prefect]` in pyproject.toml, "
        "and the file is not valid TOML. The message names line and column.",
        '[tool.meta_prefect]\nstack = "dev"',
    ),
    "MP1003": Explanation(
        "there is no such engine",
        "`--engine`, META_PREFECT_ENGINE and the `engine` setting take auto, pulumi or "
        "embedded. `auto` takes the Pulumi executable when there is one, else the "
        "embedded engine; both work on the same state.",
        "meta-prefect up my_flow --engine embedded",
    ),
    "MP1004": Explanation(
        "a name that is not allowed",
        "Names of projects and stacks hold letters, digits, `-`, `_` and `.`, and at most"
        " 100 of them. They become part of names in Prefect.",
        "meta-prefect up my_flow -s dev",
    ),
    "MP1005": Explanation(
        "Prefect's settings cannot be used",
        "Which Prefect to work with comes from PREFECT_API_URL, then from the Prefect "
        "profile (`--profile` or the active one). One of them holds something that is no "
        "address, or the profile does not exist.",
        "prefect config view",
    ),
    "MP1006": Explanation(
        "Prefect does not answer",
        "The configured Prefect API was asked for its version and gave none, or refused "
        "the key. Without a configured API, `up` runs a local server of its own.",
        "unset PREFECT_API_URL",
    ),
    "MP1007": Explanation(
        "this is no address of a place for state",
        "State lies where PULUMI_BACKEND_URL or the `backend` setting says, as an address: a "
        "folder (file:///srv/state), S3, Google Cloud Storage, Azure, Postgres or Pulumi Cloud. "
        "Without one, it lies in .meta_prefect of the project.",
        "PULUMI_BACKEND_URL=file:///srv/state meta-prefect ls",
    ),
    "MP1009": Explanation(
        "a folder holds no program that can be run",
        "`--program` takes the folder of a Pulumi program: Pulumi.yaml with `runtime: python`, "
        "and a __main__.py where it says. The stack's file Pulumi.STACK.yaml is read as well.",
        "meta-prefect up --program infrastructure",
    ),
    "MP1101": Explanation(
        "there is no such flow",
        "Flows are found by reading the project's Python files, without running them: "
        "everything that is decorated with `@flow` or with a deployer. A flow can be "
        "named by its variable, by its name in Prefect, or as file.py:name. Folders in "
        "`exclude` of the settings are not read.",
        "meta-prefect ls",
    ),
    "MP1102": Explanation(
        "several flows have this name",
        "Two files define a flow of the same name. Say which one by its file.",
        "meta-prefect up flows/nightly.py:etl",
    ),
    "MP1103": Explanation(
        "the flow has no deployer",
        "The flow was found, but nothing says how to deploy it: no builder that is enough"
        " alone is applied to it. `Flow.with_options` makes a copy that starts without "
        "builders.",
        "from meta_prefect.implementations.deployer import local_deployer\n"
        "\n"
        "@local_deployer()(flow)\n"
        "def my_flow(): ...",
    ),
    "MP1104": Explanation(
        "a flow file cannot be imported",
        "Your code raised an error while the file was imported. The frames shown are "
        "yours. A flow file is imported to read what its builders recorded, so it must be"
        " importable without side effects.",
        "python -c 'import my_flow'",
    ),
    "MP1105": Explanation(
        "a file is not valid Python",
        "The file could not be read as Python, so flows in it cannot be found. The "
        "message names the line.",
    ),
    "MP1106": Explanation(
        "the name is not a flow",
        "The text of the file looked like a flow, but after the import the name holds "
        "something else. A decorator that does not return the flow is the usual reason.",
    ),
    "MP1108": Explanation(
        "the flow is not up",
        "The operation is about something that is up in this stack, and this flow is not."
        " Stacks are separate: `-s` says which one is meant.",
        "meta-prefect ls -s dev",
    ),
    "MP1109": Explanation(
        "two flows of one name",
        "A stack knows a flow by its name in the file, so two flows that are deployed cannot share "
        "one. Flows without a deployer do not count.",
        "meta-prefect ls",
    ),
    "MP1110": Explanation(
        "a flow has no deployment of this name",
        "`my_flow/nightly` means one of several deployments that `deployment(...)` builders "
        "give to a flow. The project's name and the one in Prefect (`nightly-dev`) are both "
        "understood.",
        '@deployment("nightly", cron("0 2 * * *"))\n@local_deployer()\n@flow\ndef my_flow(): ...',
    ),
    "MP1111": Explanation(
        "a flow has no name by which a worker finds it",
        "Workers import a flow's file and look the flow up by a name at the top of it. This one "
        "was made inside a function, or is a copy that lives in another module than its function.",
        "my_flow = local_deployer()(flow)(function)",
    ),
    "MP1201": Explanation(
        "your code failed while resources were declared",
        "Builders run again when the program declares its resources, and one of them "
        "raised an error. Nothing that was not declared before was touched.",
    ),
    "MP1301": Explanation(
        "wrong use of the command line",
        "A flag or an argument is not known, is missing, or has a value that is not "
        "allowed. Every command shows its flags with --help.",
        "meta-prefect up --help",
    ),
    "MP1302": Explanation(
        "nobody can answer the question",
        "What changes things asks before it does so. There is nobody to ask when input is"
        " no terminal, when CI is set, with --no-input and with --json. `--yes` answers "
        "beforehand; `preview` shows what it would agree to.",
        "meta-prefect preview my_flow && meta-prefect up my_flow --yes",
    ),
    "MP1303": Explanation(
        "there are changes where none were expected",
        "`--expect-no-changes` was given and the preview found some. Nothing was applied;"
        " the exit code is 7. Run it at night to hear when the world and the program "
        "drift apart.",
        "meta-prefect preview --expect-no-changes",
    ),
    "MP1304": Explanation(
        "this is no duration",
        "A duration is a number of seconds, or a number with s, m or h.",
        "meta-prefect up my_flow --timeout 10m",
    ),
    "MP1305": Explanation(
        "this is no parameter",
        "Parameters of a run are given as NAME=VALUE. The value is read as JSON where the"
        " parameter's type asks for it; else it is the text itself.",
        'meta-prefect run my_flow -p x=1 -p \'names=["a", "b"]\'',
    ),
    "MP1306": Explanation(
        "there is no such command",
        "The first word that is no flag is the command.",
        "meta-prefect --help",
    ),
    "MP1307": Explanation(
        "a flow and --all at once",
        "Flows restrict an operation, `--all` takes the whole project. Only one of them "
        "can be meant.",
        "meta-prefect up --all",
    ),
    "MP1308": Explanation(
        "which flow is meant",
        "What changes things never guesses: it takes one or several flows, or `--all`. "
        "Commands that only look take the whole project when no flow is named.",
        "meta-prefect up my_flow other_flow",
    ),
    "MP1309": Explanation(
        "there is no such error code",
        "Codes are MP and four digits: 1 settings and flow files, 2 requirements and "
        "naming, 3 resources, 4 state and locks, 5 engines, 9 bugs. `meta-prefect "
        "explain` lists them.",
        "meta-prefect explain MP1302",
    ),
    "MP1310": Explanation(
        "an edit of the state with too few or too many words",
        "`state` has five: export, import FILE, ls, forget RESOURCE and repair.",
        "meta-prefect state repair",
    ),
    "MP1311": Explanation(
        "secrets in clear need a terminal or a file",
        "`--show-secrets` writes secrets as they are. Where the output is neither a terminal nor "
        "a file named with `--file`, it may end in a log that others read.",
        "meta-prefect state export --show-secrets --file state.json",
    ),
    "MP1312": Explanation(
        "two flags that do not go together",
        "`--json` writes one document at the end, and following or `dev` has none. `--since` asks "
        "for the time of each line, and only lines of runs have one.",
        "meta-prefect logs my_flow --json",
    ),
    "MP1313": Explanation(
        "`import` takes three words",
        "The flow, the resource as `preview` prints it, and the id of the object that exists. The"
        " flow is brought up as by `up`, with that object in the place of a new one.",
        "meta-prefect import my_flow work-pool/process/pool my-pool",
    ),
    "MP1314": Explanation(
        "nothing of that name can be imported",
        "The flow declares no such resource, or the stack holds it already. Components cannot be"
        " imported, only what they are made of.",
        "meta-prefect preview my_flow --show-same",
    ),
    "MP1315": Explanation(
        "there is no such builder",
        "`explain` knows the builders of the catalogue by their names, and any other one by its "
        "module and name, as it is imported in a flow file.",
        "meta-prefect explain my_package.deployers.team_deployer",
    ),
    "MP1316": Explanation(
        "a plan cannot be read or written",
        "`preview --save-plan FILE` keeps in a file what the preview showed, and `up --plan FILE` "
        "does that and nothing else. The file is missing, no plan, or its folder is not there.",
        "meta-prefect preview my_flow --save-plan plan.json",
    ),
    "MP1317": Explanation(
        "a file cannot be written",
        "`--json-file`, `--summary-file` and `--save-plan` name files to write, each in a folder "
        "that is there. It is looked at before anything is done.",
        "meta-prefect preview my_flow --json-file preview.json",
    ),
    "MP1318": Explanation(
        "a flag names no resource",
        "`--only`, `--except` and `--replace` take names as `preview` prints them, without the "
        "signs, or patterns: `*` for a part of a name. One that fits nothing would do nothing, "
        "and is taken for a mistake.",
        "meta-prefect preview my_flow --only 'my_flow/*'",
    ),
    "MP1320": Explanation(
        "a command has no such action",
        "`state`, `engine`, `plugin` and `completion` are followed by what is to be done, or by "
        "the name of a shell. The message lists what there is.",
        "meta-prefect state ls",
    ),
    "MP1321": Explanation(
        "the plugin cannot be written",
        "Pulumi's plugin folder is `plugins` in PULUMI_HOME, which is ~/.pulumi when it is not set."
        " Whoever runs `pulumi` has to be able to read it, and who installs to write it.",
        "PULUMI_HOME=FOLDER meta-prefect plugin install",
    ),
    "MP1401": Explanation(
        "a Pulumi settings file cannot be read",
        "Pulumi.yaml or the file of a stack (Pulumi.dev.yaml) is not valid YAML, or the "
        "project has no name.",
        "name: shop\nruntime: python",
    ),
    "MP1501": Explanation(
        "a prefect.yaml cannot be read",
        "The file is missing, is no YAML, or does not hold a mapping. Prefect itself goes on with "
        "a warning, as if it were empty.",
        "meta-prefect init --from prefect.yaml",
    ),
    "MP1502": Explanation(
        "nothing of a prefect.yaml can be converted",
        "A deployment is converted when it has a name and an entrypoint whose flow is in a file "
        "of this project. What stands in the way of each is shown with its line.",
        "meta-prefect init --from prefect.yaml -C DIR",
    ),
    "MP1503": Explanation(
        "a file of the project cannot be written",
        "`init` writes flow files and settings. What it wrote before is there.",
        "git diff",
    ),
    "MP1504": Explanation(
        "what is deployed differs from the builders",
        "Taking over changes nothing in Prefect. Something there is not what the builders say, "
        "such as a description that was changed since: look at the differences, and let `import` "
        "bring them, or put `keep(...)` above the flow.",
        "meta-prefect preview my_flow",
    ),
    "MP1505": Explanation(
        "a flow has builders already",
        "`init` puts a deployer above a flow that has none; this one has.",
        "meta-prefect up my_flow",
    ),
    "MP2101": Explanation(
        "a builder failed",
        "A builder's `update_deployment` raised an error. It is called before anything is"
        " touched; the frames shown are yours.",
        "def update_deployment(self, deployment):\n"
        '    return replace(deployment, tags=(*deployment.tags, "etl"))',
    ),
    "MP2102": Explanation(
        "a requirement that nothing can bring up",
        "A builder requires a record for which no component is registered. Components for"
        " records of your own are registered once, where the builder is defined.",
        "from meta_prefect.interfaces.catalogue import Entry, register",
    ),
    "MP2104": Explanation(
        "nothing says where a worker finds the code",
        "The deployment's runs do not happen in the project's folder, and no builder says how the "
        "flow's file gets there: `code_image`, `code_git`, `code_s3`, `code_local`, `pull_steps`.",
        '@code_image("/opt/flows")\n@eks(image="registry.example.com/flows:1.2")\n@flow',
    ),
    "MP2105": Explanation(
        "a resource's name lies outside of its flow",
        "Names of what a flow owns begin with the flow's name. That law lets an operation"
        " be about one flow without looking at the others. `declaring.name` makes such a "
        "name.",
        'declaring.name("bucket")',
    ),
    "MP2106": Explanation(
        "two builders contradict each other",
        "A deployment runs in one place, so two builders that both choose it (`local_deployer`, "
        "`process`, `eks`, `docker`, `ecs`) are refused; `work_pool` outside of one of them takes "
        "another pool of its type. Schedules of one deployment need different slugs, automations "
        "different names. A flow may have several deployments, each with builders of its own.",
        '@deployment("day", local_deployer())\n@deployment("night", eks(cpu=2))',
    ),
    "MP2107": Explanation(
        "two deployments of a flow have one name in Prefect",
        "A `namer` gives the same name to several deployments of the flow. Use `{name}`, which "
        "is different for each, or scope the namer to one of them.",
        'namer("{name}-{stack}")',
    ),
    "MP2108": Explanation(
        "a work queue or a worker without a place",
        "A queue is a lane of a work pool, and a worker starts runs of one; no builder of the "
        "deployment chooses a pool. A worker of this machine starts processes, so it is for pools "
        "of type process.",
        "@work_queue('urgent', priority=1)\n@local_deployer()\n@flow",
    ),
    "MP2109": Explanation(
        "packages cannot be installed there",
        "`packages` are installed when the container of a run starts. Runs of a process pool "
        "share the environment of their worker: install them there.",
        "pip install pandas",
    ),
    "MP2110": Explanation(
        "two builders want one thing in different ways",
        "Equal needs are shared; these have one name but different values, such as one pool "
        "with two limits. The message shows both.",
        'local_deployer(pool="heavy", limit=2)  # the same in both places',
    ),
    "MP2111": Explanation(
        "one program deploys flows to two Prefects",
        "The flows that a program deploys share pools and workers, so they are all in one Prefect. "
        "Use a second program, or a second stack, for another one.",
        "meta_prefect.deploy(my_flow, prefect=provider)",
    ),
    "MP2112": Explanation(
        "a value is missing in the environment",
        "Some blocks are made with a value that no file should hold, such as the address of a "
        "Slack webhook. It is read from the environment of `up` and kept as a secret of the stack.",
        "export SLACK_WEBHOOK_URL=...",
    ),
    "MP2120": Explanation(
        "a node group cannot be made like this",
        "Node groups are in clusters of Amazon EKS whose network is known. Sizes go up from "
        "`min_size` over `desired_size` to `max_size`; none at all needs an autoscaler in the "
        "cluster, as pods that wait start no machine. Labels of Kubernetes' own are refused by "
        "EKS.",
        'NodeGroup("runs", Cluster("main"), ("m6i.xlarge",), min_size=1, max_size=5)',
    ),
    "MP2121": Explanation(
        "a cluster gives pods no roles of AWS",
        "The flow needs something in AWS, a bucket for results say, and its cluster is known by a "
        "kubeconfig only, so it may be anywhere. Name a cluster of Amazon EKS by its name there; "
        "elsewhere give the pods credentials of your own, with a service account that has them.",
        '@eks(cluster=existing("prod"))',
    ),
    "MP2122": Explanation(
        "the Dask operator comes out of a package that is not installed",
        "The kinds of objects that the operator knows are in the package dask-kubernetes, in the "
        "version of the operator. It is needed where `up` is typed, and not by workers.",
        "pip install 'meta-prefect[dask]'",
    ),
    "MP2123": Explanation(
        "a worker in a cluster could not reach Prefect",
        "The stack's Prefect has an address of this machine, and its worker would run in a "
        "cluster. Log in to Prefect Cloud, or set PREFECT_API_URL to a server that the cluster "
        "reaches; where it has another address there, META_PREFECT_WORKER_API_URL says which.",
        "prefect cloud login",
    ),
    "MP2124": Explanation(
        "there is no Docker here to build an image with",
        "`built_image()` makes an image of the project's files when `up` is real, with the command "
        "`docker` and its daemon. Without these, leave it out: on AWS the code then goes into a "
        "bucket. Or let runs clone a repository, with `code_git`.",
        '@code_git("https://github.com/team/flows")',
    ),
    "MP2125": Explanation(
        "an existing cluster has no agent that gives pods their roles",
        "With EKS Pod Identity an agent on each node hands pods their credentials. In a cluster "
        "that somebody else made, nobody but them installs it: ask for the addon, or have roles "
        'given by OpenID Connect, with `identity="irsa"`.',
        "aws eks create-addon --cluster-name prod --addon-name eks-pod-identity-agent",
    ),
    "MP3001": Explanation(
        "a resource failed",
        "The provider could not do what was asked; its reason is shown. What was done "
        "before is recorded: the same command goes on from there.",
        "meta-prefect up my_flow",
    ),
    "MP3002": Explanation(
        "an input of a resource is not accepted",
        "The provider checked the resource's inputs and refused one. It does so before "
        "anything is created, in a preview as well.",
    ),
    "MP3003": Explanation(
        "two resources claim the same place",
        "A name or an alias is used twice in one program. Names of resources of one type "
        "are unique below the same parent.",
    ),
    "MP3004": Explanation(
        "the resource is protected",
        "The resource is marked with `protect`, and the operation would delete it or make"
        " it anew. Take the mark away first if that is what you want.",
        "pulumi.ResourceOptions(protect=False)",
    ),
    "MP3005": Explanation(
        "importing would replace the resource",
        "The inputs in the program do not fit the resource that exists, so that adopting "
        "it would make it anew. Bring the inputs in line with what is there.",
        "meta-prefect diff my_flow",
    ),
    "MP3006": Explanation(
        "the chosen resources do not suffice",
        "`--only` or `--except` left out something that the rest depends on, or named "
        "something that is not there. Names are those of the tree.",
        "meta-prefect up my_flow --only 'my_flow/*'",
    ),
    "MP3007": Explanation(
        "a resource may have been created already",
        "An earlier operation was interrupted while it created this resource, so that "
        "nobody knows whether it is there. Creating it again could make it twice. Look "
        "for it in Prefect; refresh, or remove it there.",
        "meta-prefect refresh my_flow",
    ),
    "MP3008": Explanation(
        "an object cannot be imported",
        "The import names a resource that is in the stack already, or a parent or provider that "
        "is not. Nothing was imported.",
        "meta-prefect ls",
    ),
    "MP3009": Explanation(
        "a thing that others live in would be replaced",
        "A network, a cluster, a namespace, a database or a work pool is changed in a way that "
        "its provider can only do by making a new one, and all that is in the old one goes with "
        "it. Nothing was changed. The message says which property it is: take that change back, "
        "or declare the new thing under another name and move over. Where it is meant, name it "
        "with `--replace`, once for each.",
        "meta-prefect up --all --replace cluster/main/cluster",
    ),
    "MP3101": Explanation(
        "docker failed",
        "A command of Docker did not succeed while `up` built an image; its last words are shown. "
        "A build is sent the project's files without hidden ones, build results and what "
        "`.dockerignore` names; a line there such as `!dist/*.whl` brings some back.",
        'built_image(dockerfile="Dockerfile")',
    ),
    "MP3401": Explanation(
        "the parameters do not fit the flow",
        "The deployment knows the flow's parameters with their types. All that does not "
        "fit is listed; nothing was started.",
        "meta-prefect run my_flow -p x=1 -p y=2",
    ),
    "MP3402": Explanation(
        "the flow has no deployment that is up",
        "A run is started from a deployment. Bring the flow up first.",
        "meta-prefect up my_flow",
    ),
    "MP3403": Explanation(
        "Prefect does not answer",
        "The Prefect in which the flow is deployed could not be reached. A local server "
        "may have ended with the last reboot: `up` starts it again.",
        "meta-prefect up --all",
    ),
    "MP3404": Explanation(
        "Prefect refuses the request",
        "The API answered, and said no. With 401 or 403 the key is missing, expired or "
        "belongs to another workspace.",
        "prefect cloud login",
    ),
    "MP3405": Explanation(
        "a flow has several deployments that can be run",
        "The flow has more than one deployment and none of them is the default one, so the "
        "command has to say which.",
        "meta-prefect run my_flow/nightly -p x=1",
    ),
    "MP3406": Explanation(
        "no run of the deployment has started",
        "`logs` shows the run of a deployment that started last, and there is none. A run that only"
        " waits for its time has not started.",
        "meta-prefect run my_flow",
    ),
    "MP3407": Explanation(
        "nothing of that kind runs on this machine",
        "Only workers and servers that the stack itself keeps running here write a log file. A"
        " worker in a container logs where containers log.",
        "meta-prefect logs my_flow --of run",
    ),
    "MP3901": Explanation(
        "the world moved after the preview",
        "The operation came to a step that the preview did not show, and stopped there. "
        "Somebody else changed something in between. Look again, then decide again.",
        "meta-prefect preview my_flow",
    ),
    "MP3902": Explanation(
        "there is more to do than the plan says",
        "`up --plan` looks once more, and does only what the saved preview showed: the same steps "
        "to the same inputs. Flow files, settings or Prefect changed since, so that more would be "
        "done now. Nothing was. Save a new plan and have it read again.",
        "meta-prefect preview my_flow --save-plan plan.json",
    ),
    "MP4001": Explanation(
        "the project's folder cannot be written",
        "State, passphrase and the data of a local server live in .meta_prefect at the "
        "root of the project. The folder must be writable.",
        "chmod -R u+w .meta_prefect",
    ),
    "MP4002": Explanation(
        "the passphrase cannot be read",
        "Secrets in state are encrypted with PULUMI_CONFIG_PASSPHRASE, the file in "
        "PULUMI_CONFIG_PASSPHRASE_FILE, or a passphrase made once into .meta_prefect. The"
        " file that should hold it cannot be read.",
        "export PULUMI_CONFIG_PASSPHRASE_FILE=~/.passphrase",
    ),
    "MP4101": Explanation(
        "the state is damaged",
        "The state file is no JSON, or not the document that Pulumi writes. The backup of"
        " the operation before lies beside it, with the ending .bak.",
        "ls .meta_prefect/state/.pulumi/stacks",
    ),
    "MP4102": Explanation(
        "the state is not consistent",
        "The state breaks a rule, for example a resource comes before its parent. Nothing"
        " was done with it, to make nothing worse.",
    ),
    "MP4103": Explanation(
        "the state needs another version",
        "The state was written by a newer Pulumi, or uses a feature that the embedded "
        "engine does not know. The Pulumi command line can go on with it.",
        "curl -fsSL https://get.pulumi.com | sh",
    ),
    "MP4104": Explanation(
        "the state cannot be read or written",
        "The system refused to read or write a file of the state; its reason is shown.",
    ),
    "MP4105": Explanation(
        "no permission for the state",
        "The state belongs to another user, or the folder is read-only.",
        "ls -ld .meta_prefect/state",
    ),
    "MP4106": Explanation(
        "the disk is full",
        "The state could not be written completely. What was recorded before is still there.",
        "df -h .",
    ),
    "MP4107": Explanation(
        "the journal does not go with the state",
        "An operation was killed, and the state was changed before its journal was read "
        "back. The journal tells which resources were made meanwhile.",
    ),
    "MP4108": Explanation(
        "there is no such stack",
        "The backend has no stack of this name. `up` makes one when it is needed.",
        "meta-prefect up my_flow -s dev",
    ),
    "MP4109": Explanation(
        "this is not a name for a stack",
        "Letters, digits, dots, dashes and underscores, 100 at most.",
    ),
    "MP4110": Explanation(
        "the state folder has an old layout",
        "An old Pulumi wrote the state without a folder for each project. A newer Pulumi "
        "can upgrade it.",
        "pulumi state upgrade",
    ),
    "MP4111": Explanation(
        "the stack still has resources",
        "A stack can be removed when nothing is up in it any more.",
        "meta-prefect destroy --all",
    ),
    "MP4112": Explanation(
        "a resource was made and is recorded nowhere",
        "The state could not be written after the resource was created. Its id is shown: "
        "write it down, then remove or adopt the resource by hand.",
    ),
    "MP4113": Explanation(
        "something depends on what is to be forgotten",
        "`state forget` drops a record and nothing else. Records that need it would point at "
        "nothing, so they have to go with it, or first.",
        "meta-prefect state forget work-pool/process/pool --with-dependents",
    ),
    "MP4114": Explanation(
        "a protected resource is not forgotten",
        "The resource is marked as protected in its program. Forgetting it leaves it in the world "
        "with nobody who knows it.",
        "meta-prefect state forget my_flow/deployment --force",
    ),
    "MP4115": Explanation(
        "there is no such resource in the state",
        "Resources are named as `show` prints them, or by their URN.",
        "meta-prefect show",
    ),
    "MP4116": Explanation(
        "a file with an exported state cannot be read or written",
        "`state import` takes what `state export` wrote: a JSON document. The file that `state "
        "export --file` names must be in a folder that is there.",
        "meta-prefect state export --file state.json",
    ),
    "MP4117": Explanation(
        "several resources have one name",
        "A name is unique for each type of resource only. The URNs are shown; any of them can be "
        "given in the place of the name.",
        "meta-prefect state forget 'urn:pulumi:dev::shop::prefect:index:WorkPool::heavy'",
    ),
    "MP4118": Explanation(
        "the exported state is of another stack",
        "URNs carry the names of project and stack. A state with other names would be a stack "
        "whose resources no program of this one finds. `--force` imports it nevertheless.",
        "meta-prefect state import state.json -s prod",
    ),
    "MP4119": Explanation(
        "the operation was taken for dead",
        "Somebody unlocked the stack while this operation ran, and another one has worked on the "
        "state since. What the other one wrote is left alone; what this one made and nobody "
        "recorded is named with its id.",
        "meta-prefect refresh",
    ),
    "MP4120": Explanation(
        "the state is compressed in a way that needs a package",
        "The Pulumi command line was told to compress state with Zstandard. Python reads that from "
        "3.14 on; before, it takes a package.",
        "pip install backports.zstd",
    ),
    "MP4201": Explanation(
        "the stack is locked",
        "Another operation works on this stack; who and since when is shown. Locks are "
        "held for as long as the operation runs. Wait for it, or end it there.",
    ),
    "MP4202": Explanation(
        "the lock was taken away",
        "Somebody unlocked the stack while this operation ran. It stopped; what it did "
        "has been written. Look at the state before going on.",
        "meta-prefect preview --all",
    ),
    "MP4301": Explanation(
        "the passphrase does not fit",
        "The secrets of this stack were encrypted with another passphrase. Whoever made "
        "the stack has it, in the environment or in .meta_prefect/passphrase.",
        "export PULUMI_CONFIG_PASSPHRASE=...",
    ),
    "MP4302": Explanation(
        "a secret cannot be decrypted",
        "One stored secret is damaged, while the passphrase itself is right.",
    ),
    "MP4303": Explanation(
        "secrets are encrypted with a cloud's key",
        "The stack uses a key service. The embedded engine knows passphrases only; the "
        "Pulumi command line can go on.",
        "curl -fsSL https://get.pulumi.com | sh",
    ),
    "MP4304": Explanation(
        "secrets are encrypted in an unknown way",
        "The stack's salt has a version that is not known here. A newer version of meta-"
        "prefect or Pulumi wrote it.",
        "meta-prefect version",
    ),
    "MP5101": Explanation(
        "the engine cannot do this",
        "The operation asks for something that the embedded engine does not offer, or for"
        " two things that exclude each other.",
        "meta-prefect up my_flow --parallel 4",
    ),
    "MP5102": Explanation(
        "there is no provider for a package",
        "The program declares resources of a package that nobody serves: neither this "
        "process nor a plugin that could be started.",
        "pulumi plugin install resource NAME VERSION",
    ),
    "MP5103": Explanation(
        "the operation took too long",
        "`--timeout` was reached. What ran was given a moment to end, the rest was not "
        "started. What was done is recorded: the same command goes on from there.",
        "meta-prefect up my_flow --timeout 30m",
    ),
    "MP5104": Explanation(
        "changes occurred where none were expected",
        "The operation was told to expect no changes, and its steps made some. What was done is "
        "recorded; the exit code is 7.",
        "meta-prefect preview my_flow --expect-no-changes",
    ),
    "MP5105": Explanation(
        "a setting about plugins makes no sense",
        "PULUMI_DEBUG_PROVIDERS names plugins that run already, as `NAME:PORT` separated by "
        "commas.",
        "PULUMI_DEBUG_PROVIDERS=aws:12345 meta-prefect up my_flow",
    ),
    "MP5106": Explanation(
        "a provider plugin does not start",
        "The executable of a provider was found, and ended, or said something else than the port "
        "that it listens on. Its last words are in the message.",
        "pulumi plugin install resource NAME VERSION --reinstall",
    ),
    "MP5107": Explanation(
        "a provider plugin is missing",
        "The program declares resources of a package whose provider is a plugin. It is neither on "
        "PATH nor in Pulumi's plugin folder, and could not be fetched from where its makers "
        "publish it: no network, a wrong version, or a checksum that does not fit.",
        "pulumi plugin install resource NAME VERSION",
    ),
    "MP5201": Explanation(
        "this state needs the Pulumi command line",
        "The embedded engine keeps state in folders (file://...). State in Pulumi Cloud, "
        "S3, Google Cloud Storage or Azure needs the Pulumi executable on PATH.",
        "curl -fsSL https://get.pulumi.com | sh",
    ),
    "MP5202": Explanation(
        "this pulumi will not do",
        "The Pulumi executable on PATH does not run, or is older than what is asked of it. "
        "3.200.0 is the oldest that this package drives; some states need a newer one. Without "
        "`--engine pulumi`, state in a folder needs none at all.",
        "curl -fsSL https://get.pulumi.com | sh",
    ),
    "MP5203": Explanation(
        "there is no pulumi executable",
        "`--engine pulumi`, or the setting or variable named in the message, asks for Pulumi's own "
        "engine, and no `pulumi` is on PATH. The embedded engine keeps the same state.",
        "meta-prefect up my_flow --engine embedded",
    ),
    "MP5204": Explanation(
        "nobody is logged in where the state is kept",
        "The backend of the state refused: there is no login, or it is no longer good.",
        "pulumi login",
    ),
    "MP5205": Explanation(
        "a command of pulumi failed",
        "Pulumi's executable ended for a reason that is not one of the usual ones. What it said "
        "is in the message. One that was killed in the middle leaves its lock behind: once it is "
        "given up, the same command goes on from the state that was saved.",
        "meta-prefect doctor",
    ),
    "MP5206": Explanation(
        "an operation of the embedded engine was interrupted",
        "The embedded engine died in the middle of an operation and left a journal, which only it "
        "can read. Any operation with it mends the state; after that either engine can go on.",
        "meta-prefect refresh --all --engine embedded",
    ),
    "MP5207": Explanation(
        "this state is edited with Pulumi's own command",
        "Stored state is edited here in folders only (file://...). For other backends Pulumi's "
        "executable has the same commands.",
        "pulumi state --help",
    ),
    "MP5208": Explanation(
        "pulumi cannot be installed",
        "`meta-prefect engine install` runs the installer of Pulumi's Automation API, which gets "
        "the executable from get.pulumi.com. It could not, or what came does not run. Without a "
        "network, put a release of Pulumi on PATH; state in a folder needs none at all.",
        "curl -fsSL https://get.pulumi.com | sh",
    ),
    "MP9001": Explanation(
        "a bug in meta-prefect",
        "Something happened that should not be possible. The message names a file with "
        "the traceback: please report it with that file. `--debug` shows the traceback at"
        " once.",
        "meta-prefect up my_flow --debug",
    ),
}
