/* SPDX-License-Identifier: MIT */
/* Commits through libgit2, as GUIs and editors do, so that no hook runs:
 *
 *	tool_libgit2_commit [--amend] WORKTREE FILE TEXT MESSAGE
 *
 * Writes TEXT into FILE of the worktree, adds it, makes a commit on HEAD (or puts one in HEAD's place) and prints its
 * hash. */
#include <git2.h>
#include <stdio.h>
#include <string.h>

struct job {
	git_repository *repo;
	const char *file, *text, *message;
	int amend;
};

static int fail(const char *what)
{
	const git_error *error = git_error_last();

	fprintf(stderr, "tool_libgit2_commit: %s: %s\n", what, error ? error->message : "unknown error");
	return 1;
}

static int write_file(const struct job *job)
{
	char path[4096];
	FILE *file;
	int written;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", git_repository_workdir(job->repo), job->file) >=
	    sizeof(path))
		return 1;
	file = fopen(path, "w");
	if (!file)
		return 1;
	written = fprintf(file, "%s\n", job->text);
	return fclose(file) != 0 || written < 0;
}

static int add_file(const struct job *job, git_oid *ret_tree)
{
	git_index *index = NULL;
	int code = git_repository_index(&index, job->repo);

	if (!code)
		code = git_index_add_bypath(index, job->file);
	if (!code)
		code = git_index_write(index);
	if (!code)
		code = git_index_write_tree(ret_tree, index);
	git_index_free(index);
	return code;
}

static int commit(const struct job *job, const git_tree *tree, git_oid *ret_commit)
{
	git_signature *signature = NULL;
	git_commit *parent = NULL;
	git_oid head;
	int code = git_reference_name_to_id(&head, job->repo, "HEAD");

	if (!code)
		code = git_commit_lookup(&parent, job->repo, &head);
	if (!code)
		code = git_signature_default(&signature, job->repo);
	if (!code && job->amend)
		code = git_commit_amend(ret_commit, parent, "HEAD", NULL, signature, NULL, job->message, tree);
	else if (!code)
		code = git_commit_create_v(
		    ret_commit, job->repo, "HEAD", signature, signature, NULL, job->message, tree, 1, parent);
	git_signature_free(signature);
	git_commit_free(parent);
	return code;
}

static int run(const struct job *job)
{
	char hash[GIT_OID_HEXSZ + 1];
	git_tree *tree = NULL;
	git_oid tree_id, commit_id;
	int code;

	if (write_file(job))
		return fail("write the file");
	if (add_file(job, &tree_id) || git_tree_lookup(&tree, job->repo, &tree_id))
		return fail("add the file");
	code = commit(job, tree, &commit_id);
	git_tree_free(tree);
	if (code)
		return fail("commit");
	printf("%s\n", git_oid_tostr(hash, sizeof(hash), &commit_id));
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = { .amend = argc > 1 && strcmp(argv[1], "--amend") == 0 };
	int code;

	argc -= job.amend;
	argv += job.amend;
	if (argc != 5) {
		fprintf(stderr, "usage: tool_libgit2_commit [--amend] WORKTREE FILE TEXT MESSAGE\n");
		return 2;
	}
	job.file = argv[2];
	job.text = argv[3];
	job.message = argv[4];
	git_libgit2_init();
	code = git_repository_open(&job.repo, argv[1]) ? fail("open the repository") : run(&job);
	git_repository_free(job.repo);
	git_libgit2_shutdown();
	return code;
}
