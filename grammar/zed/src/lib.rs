//! Tells Zed how the language server of stories is started: `dreamrunner lsp`, from the project's PATH.

use zed_extension_api as zed;

struct DreamRunner;

impl zed::Extension for DreamRunner {
    fn new() -> Self {
        DreamRunner
    }

    fn language_server_command(
        &mut self,
        _id: &zed::LanguageServerId,
        worktree: &zed::Worktree,
    ) -> zed::Result<zed::Command> {
        let command = worktree.which("dreamrunner").ok_or_else(|| {
            "there is no command dreamrunner in PATH; install it with its language server".to_string()
        })?;
        Ok(zed::Command {
            command,
            args: vec!["lsp".to_string()],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(DreamRunner);
