/* SPDX-License-Identifier: MIT */
/* The least that a program can cost: the measure for the hooks. */
int main(void)
{
	return 0;
}
