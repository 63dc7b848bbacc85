/** The rows of the emulator's store that the overlay reads or writes; its other columns are carried along unseen. */
export type Row = { readonly id: number; readonly created_at: string; readonly updated_at: string }

export type UserRow = Row & {
  readonly login: string
  readonly node_id: string
  readonly gravatar_id: string
  readonly type: string
  readonly name: string | null
  readonly email: string | null
  readonly site_admin: boolean
}

export type RepoRow = Row & {
  readonly node_id: string
  readonly name: string
  readonly full_name: string
  readonly owner_id: number
  readonly owner_type: string
  readonly private: boolean
  readonly default_branch: string
  readonly open_issues_count: number
  readonly pushed_at: string | null
}

export type IssueRow = Row & {
  readonly node_id: string
  readonly number: number
  readonly repo_id: number
  readonly title: string
  readonly body: string | null
  readonly state: 'open' | 'closed'
  readonly state_reason: string | null
  readonly locked: boolean
  readonly active_lock_reason: string | null
  readonly user_id: number
  readonly assignee_ids: readonly number[]
  readonly label_ids: readonly number[]
  readonly milestone_id: number | null
  readonly comments: number
  readonly closed_at: string | null
  readonly closed_by_id: number | null
  readonly is_pull_request: boolean
}

export type LabelRow = Row & {
  readonly node_id: string
  readonly name: string
  readonly color: string
  readonly default: boolean
  readonly description: string | null
}

export type CommentRow = Row & { readonly repo_id: number; readonly body: string; readonly user_id: number }

export type CollaboratorRow = Row & {
  readonly repo_id: number
  readonly user_id: number
  readonly permission: string
}

export type InstallationRow = Row & {
  readonly installation_id: number
  readonly app_id: number
  readonly permissions: Readonly<Record<string, string>>
}

export type NewRow<T extends Row> = Omit<T, 'id' | 'created_at' | 'updated_at'> & { readonly id?: number }

/** One table of the emulator's store. */
export type Table<T extends Row> = {
  insert(row: NewRow<T>): T
  get(id: number): T | undefined
  findBy(field: keyof T, value: string | number): T[]
  findOneBy(field: keyof T, value: string | number): T | undefined
  update(id: number, change: Partial<T>): T | undefined
  delete(id: number): boolean
  all(): T[]
}

export type Tables = {
  readonly users: Table<UserRow>
  readonly orgs: Table<UserRow>
  readonly repos: Table<RepoRow>
  readonly issues: Table<IssueRow>
  readonly labels: Table<LabelRow>
  readonly comments: Table<CommentRow>
  readonly collaborators: Table<CollaboratorRow>
  readonly appInstallations: Table<InstallationRow>
}

/** What a bearer token stands for; `installation` is present for tokens of an App. */
export type TokenHolder = {
  readonly login: string
  readonly id: number
  readonly scopes: readonly string[]
  readonly installation?: {
    readonly installationId: number
    readonly appId: number
    readonly accountId: number
    readonly accountType: string
    readonly permissions: Readonly<Record<string, string>>
    readonly repositoryIds: readonly number[]
    readonly repositorySelection: 'all' | 'selected'
  }
}
