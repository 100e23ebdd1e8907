//! The user's own shell, with the first command one key away.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::place::Place;
use crate::say;

const FIRST: &str = "kubectl quick po -w";

/// Opens the shell and waits for its end.
pub fn open(place: &Place) -> io::Result<u8> {
    let shell = std::env::var("SHELL").unwrap_or_else(|_| "/bin/bash".to_owned());
    let name = Path::new(&shell)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("sh")
        .to_owned();
    let mut command = place.command(&shell);
    let key = prepare(&name, place, &mut command)?;
    say(&format!(
        "
A shop is open in context demo, namespace shop. {key}
Five things to try:
  {FIRST:<32}  watch pods start, crash and roll
  kubectl quick all --problems      what is not well, and nothing else
  kubectl quick hpa,deploy -w       customers come in waves, and the replicas follow
  kubectl quick @demo-prod po web   one look into the other context
  kubectl quick svc,ing             which address does the shop have
`exit` takes everything down again.
"
    ));
    let status = command.status()?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(0))
}

/// Sets the prompt, kubectl's completion and the first command; the user's own settings come first.
fn prepare(shell: &str, place: &Place, command: &mut Command) -> io::Result<String> {
    let folder = place.folder();
    match shell {
        "zsh" => {
            let settings = format!(
                "[[ -f ~/.zshrc ]] && ZDOTDIR=$HOME source ~/.zshrc\n\
                 PROMPT='(demo) '$PROMPT\n\
                 (( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -D }}\n\
                 source <(kubectl completion zsh)\n\
                 print -z '{FIRST}'\n"
            );
            fs::write(folder.join(".zshrc"), settings)?;
            command.env("ZDOTDIR", folder).arg("-i");
            Ok("Press enter to run the first command.".to_owned())
        }
        "fish" => {
            let settings = format!(
                "kubectl completion fish | source\n\
                 functions -c fish_prompt _demo_prompt; function fish_prompt; echo -n '(demo) '; _demo_prompt; end\n\
                 function _demo_first --on-event fish_prompt; functions -e _demo_first; commandline '{FIRST}'; end"
            );
            command.args(["--interactive", "--init-command", &settings]);
            Ok("Press enter to run the first command.".to_owned())
        }
        "bash" => {
            let settings = format!(
                "[ -f ~/.bashrc ] && . ~/.bashrc\n\
                 PS1='(demo) '$PS1\n\
                 type _init_completion >/dev/null 2>&1 && . <(kubectl completion bash)\n\
                 bind '\"\\C-g\": \"{FIRST}\\n\"'\n"
            );
            let file = folder.join("bashrc");
            fs::write(&file, settings)?;
            command.arg("--rcfile").arg(&file).arg("-i");
            Ok("Press ctrl-g to run the first command.".to_owned())
        }
        _ => Ok(format!("Begin with `{FIRST}`.")),
    }
}
